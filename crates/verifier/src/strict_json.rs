//! Reads a JSON object of which no member name appears twice, at any depth.
//!
//! RFC 7515 4 and RFC 7519 4 leave duplicates to the parser: refuse, or take the last. Two parsers
//! that choose differently read two tokens out of one, so this one refuses. Depth is bounded by
//! `serde_json` (128 levels), length by the caller.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Reads `json` as `T`, which has to be written as an object with unique member names throughout.
pub fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    // A derived `Deserialize` would also take an array, member by member.
    serde_json::from_slice::<Object>(json)?;
    serde_json::from_slice(json)
}

/// An object, looked at for duplicates only.
struct Object;

/// Any JSON value, looked at for duplicates only.
struct Any;

struct Unique;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Unique).map(|()| Self)
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Unique).map(|()| Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON with unique member names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member name appears twice"));
            }
            map.next_value::<Any>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<Any>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::object;

    fn accepts(json: &str) -> bool {
        object::<Value>(json.as_bytes()).is_ok()
    }

    #[test]
    fn unique_members_are_accepted() {
        assert!(accepts(r#"{"a":{"a":[1,-1,1.5,true,null,"x",{"a":1}]},"b":{"a":2}}"#));
    }

    #[test]
    fn duplicate_members_are_refused_at_any_depth_and_spelling() {
        assert!(!accepts(r#"{"a":1,"a":1}"#));
        assert!(!accepts(r#"{"a":1,"\u0061":1}"#));
        assert!(!accepts(r#"{"b":[{"c":{"a":1,"x":0,"a":1}}]}"#));
    }

    #[test]
    fn anything_but_one_object_is_refused() {
        for json in ["", "[]", "[1]", "1", "null", "\"a\"", "{} {}", "{}x", "{\"a\":1"] {
            assert!(!accepts(json), "{json}");
        }
    }

    #[test]
    fn bottomless_nesting_is_refused() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(!accepts(&deep));
    }
}
