//! A service's wish to change session data: an RFC 7396 merge patch that is an object.

use serde_json::{Map, Value};

use super::data::{MAX_DATA_BYTES, MAX_DATA_DEPTH};

/// A bounded merge patch; top-level keys are what `session_writes` allows or refuses.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch(Map<String, Value>);

/// Why bytes are not a patch.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// Longer than session data may be.
    #[error("patch exceeds {MAX_DATA_BYTES} bytes")]
    TooLarge,
    /// Nested deeper than session data may be.
    #[error("patch is nested deeper than {MAX_DATA_DEPTH}")]
    TooDeep,
    /// Not a JSON object.
    #[error("patch is not a JSON object")]
    NotAnObject(#[source] serde_json::Error),
    /// An integer that would be kept as the nearest number that a float can hold.
    #[error("patch holds an integer of more than 64 bits")]
    Number,
}

impl Patch {
    /// Parses and bounds a patch.
    pub fn parse(json: &[u8]) -> Result<Self, PatchError> {
        if json.len() > MAX_DATA_BYTES {
            return Err(PatchError::TooLarge);
        }
        let map: Map<String, Value> =
            serde_json::from_slice(json).map_err(PatchError::NotAnObject)?;
        if map.values().any(|value| depth(value) >= MAX_DATA_DEPTH) {
            return Err(PatchError::TooDeep);
        }
        // INVARIANT: JSON is UTF-8.
        if std::str::from_utf8(json).is_ok_and(has_long_integer) {
            return Err(PatchError::Number);
        }
        Ok(Self(map))
    }

    /// The object.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The first top-level key that is not among `writable`, if there is one.
    pub fn first_key_outside<'a>(&'a self, writable: &[String]) -> Option<&'a str> {
        self.0.keys().find(|key| !writable.contains(key)).map(String::as_str)
    }
}

/// Nesting of a value; the parser itself refuses to parse beyond 128.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Whether an integer of a JSON text fits into no 64 bits, be they signed or not.
fn has_long_integer(json: &str) -> bool {
    let begins = |c: char| c == '"' || c == '-' || c.is_ascii_digit();
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let mut rest = json;
    while let Some((_, token)) = rest.find(begins).and_then(|at| rest.split_at_checked(at)) {
        if let Some(text) = token.strip_prefix('"') {
            rest = behind_string(text);
            continue;
        }
        let end = token.find(|c| !goes_on(c)).unwrap_or(token.len());
        let Some((number, behind)) = token.split_at_checked(end) else { return false };
        let is_integer = number.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        if is_integer && number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
            return true;
        }
        rest = behind;
    }
    false
}

/// What follows a string whose opening quote was read.
fn behind_string(text: &str) -> &str {
    let mut is_escaped = false;
    let end = text.find(|c| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    });
    end.and_then(|end| text.get(end + 1..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_as_it_was_sent_or_not_at_all() {
        for good in
            ["18446744073709551615", "-9223372036854775808", "1e3", "0.5", "-0", "-1.5E+300"]
        {
            assert!(Patch::parse(format!("{{\"a\":[{good}]}}").as_bytes()).is_ok(), "{good}");
        }
        for bad in ["18446744073709551616", "-9223372036854775809", "12345678901234567890123"] {
            for text in
                [format!("{{\"a\":{bad}}}"), format!("{{\"\\\"\\\\\":[{{\"b\": {bad} }}]}}")]
            {
                assert!(matches!(Patch::parse(text.as_bytes()), Err(PatchError::Number)), "{text}");
            }
        }
        let named = br#"{"18446744073709551616":"\\\"18446744073709551616\\","b":1}"#;
        assert!(Patch::parse(named).is_ok());
    }
}
