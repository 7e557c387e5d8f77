//! What stands in a client's fields, as it is typed.

use symbolon_core::Role;
use symbolon_core::id::IdError;

/// The longest custom id, scope and value of a label, in bytes.
const MAX_BYTES: usize = 256;

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TextError {
    #[error("must have 1 to {MAX_BYTES} bytes and no control character")]
    Plain,
    #[error("must have 1 to {MAX_BYTES} visible characters without `\"` and `\\`")]
    Scope,
    #[error("a label is written `name=value`, its name like that of a group")]
    Label,
}

/// A group has the form of a role, so that a list of groups can stand in a header.
pub(super) fn group(text: &str) -> Result<String, IdError> {
    text.parse::<Role>().map(|name| name.to_string())
}

/// What another system calls a client.
pub(super) fn custom_id(text: &str) -> Result<String, TextError> {
    let is_plain =
        !text.is_empty() && text.len() <= MAX_BYTES && !text.chars().any(char::is_control);
    if is_plain { Ok(text.to_owned()) } else { Err(TextError::Plain) }
}

/// RFC 6749 section 3.3: `scope-token`.
pub(super) fn scope(text: &str) -> Result<String, TextError> {
    let is_visible = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let is_scope = !text.is_empty() && text.len() <= MAX_BYTES && text.bytes().all(is_visible);
    if is_scope { Ok(text.to_owned()) } else { Err(TextError::Scope) }
}

/// `name=value`.
pub(super) fn label(text: &str) -> Result<(String, String), TextError> {
    let (name, value) = text.split_once('=').ok_or(TextError::Label)?;
    let name = group(name).map_err(|_| TextError::Label)?;
    custom_id(value).map(|value| (name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_stand_in_a_header_is_refused() {
        assert_eq!(label("team=a=b"), Ok(("team".to_owned(), "a=b".to_owned())));
        for bad in ["team", "=a", "a b=c", "a=", "a=b\n"] {
            assert!(label(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "a b", "a\"", "a\\", "é", &"a".repeat(257)] {
            assert!(scope(bad).is_err(), "{bad:?}");
        }
        assert!(custom_id("Kündenummer 7").is_ok());
        assert!(custom_id("a\r\nb").is_err());
    }
}
