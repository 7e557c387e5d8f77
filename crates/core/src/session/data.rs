//! What services keep in a session: one JSON object, bounded in size and depth.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::patch::Patch;

/// The longest session data as compact JSON, in bytes.
pub const MAX_DATA_BYTES: usize = 16 * 1024;

/// The deepest nesting of session data.
pub const MAX_DATA_DEPTH: usize = 16;

/// A JSON object of at most [`MAX_DATA_BYTES`].
///
/// It is kept as compact JSON, which takes a small part of the memory that a map does; the empty
/// object, which most sessions have, is the empty text and takes none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionData(Box<str>);

/// The data would grow over their bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("session data would exceed {MAX_DATA_BYTES} bytes")]
pub struct DataTooLarge;

impl SessionData {
    /// The object.
    pub fn to_map(&self) -> Map<String, Value> {
        // What is not an object here is the empty text.
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The data after an RFC 7396 merge patch.
    ///
    /// # Errors
    /// [`DataTooLarge`] when the outcome is longer than [`MAX_DATA_BYTES`].
    pub fn merged(&self, patch: &Patch) -> Result<Self, DataTooLarge> {
        let mut next = self.to_map();
        merge(&mut next, patch.as_map());
        let next = Self::from(next);
        if next.0.len() > MAX_DATA_BYTES { Err(DataTooLarge) } else { Ok(next) }
    }
}

impl From<Map<String, Value>> for SessionData {
    fn from(map: Map<String, Value>) -> Self {
        if map.is_empty() {
            return Self::default();
        }
        // Sorted, so that equal data are equal texts, whatever order they were written in.
        let mut value = Value::Object(map);
        value.sort_all_objects();
        Self(value.to_string().into())
    }
}

impl Serialize for SessionData {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.to_map().serialize(to)
    }
}

impl<'de> Deserialize<'de> for SessionData {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Map::deserialize(from).map(Self::from)
    }
}

/// RFC 7396 section 2. The recursion is bounded: a [`Patch`] is at most `MAX_DATA_DEPTH` deep.
fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, change) in patch {
        match change {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(inner) => {
                let slot = target.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if !slot.is_object() {
                    *slot = Value::Object(Map::new());
                }
                if let Value::Object(slot) = slot {
                    merge(slot, inner);
                }
            }
            other => {
                target.insert(name.clone(), other.clone());
            }
        }
    }
}
