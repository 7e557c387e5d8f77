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
