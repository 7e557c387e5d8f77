//! The names of things: identifiers that are public and never secret.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::random::{self, Random};

/// The longest name of a subject, client or role, in bytes.
pub const MAX_NAME_BYTES: usize = 64;

/// A session's public identifier: it may stand in logs, pages and the `sid` claim.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId([u8; 16]);

/// A signing key's identifier (`kid`, RFC 7515 section 4.1.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(Arc<str>);

/// Why a text is not a name or identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty or longer than [`MAX_NAME_BYTES`].
    #[error("must have 1 to {MAX_NAME_BYTES} characters")]
    Length,
    /// A character outside `a-z 0-9 . _ @ + -`, or not starting with a letter or digit.
    #[error(
        "may hold only `a-z`, `0-9`, `.`, `_`, `@`, `+`, `-`, and starts with a letter or digit"
    )]
    Alphabet,
    /// Not 32 hexadecimal digits.
    #[error("must be 32 hexadecimal digits")]
    NotHex,
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = IdError;

            /// Folds ASCII upper case, so that one person has one name however it is typed.
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_name(text).map(Self)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($type), self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

name!(
    /// An end user's immutable name; the `sub` claim. Never given to somebody else later.
    SubjectId
);
name!(
    /// An application's name; the `client_id` claim. Kong and APISIX say "consumer".
    ClientId
);
name!(
    /// A role, as routes and services ask for it.
    Role
);

impl SessionId {
    /// Draws a new one.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random::bytes(random))
    }

    /// From its stored form.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its stored form.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl SessionId {
    /// Appends the 32 digits; the access log does so for every request.
    pub fn push_to(self, text: &mut String) {
        for byte in self.to_bytes() {
            for digit in [byte >> 4, byte & 0xf] {
                text.push(char::from(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
            }
        }
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(32);
        self.push_to(&mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

impl FromStr for SessionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(IdError::NotHex);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| IdError::NotHex)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl Serialize for SessionId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl KeyId {
    /// From text that this system made itself.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn parse_name(text: &str) -> Result<Arc<str>, IdError> {
    if text.is_empty() || text.len() > MAX_NAME_BYTES {
        return Err(IdError::Length);
    }
    let folded = text.to_ascii_lowercase();
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    if !folded.starts_with(|first: char| first.is_ascii_alphanumeric())
        || !folded.bytes().all(inner)
    {
        return Err(IdError::Alphabet);
    }
    Ok(folded.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_name_however_it_is_typed() {
        let name: SubjectId = "Alice@Example.com".parse().unwrap();
        assert_eq!(name.as_str(), "alice@example.com");
    }

    #[test]
    fn names_that_could_be_confused_are_refused() {
        for bad in ["", "a b", "alicе", "-alice", "a\n", "a/b", &"a".repeat(65)] {
            assert!(bad.parse::<SubjectId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_session_id_survives_its_text_form() {
        let id = SessionId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("+7070707070707070707070707070707".parse::<SessionId>().is_err());
    }
}
