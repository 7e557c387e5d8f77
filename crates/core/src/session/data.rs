//! What services keep in a session: one JSON object, bounded in size and depth.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::patch::Patch;

/// The longest session data as compact JSON, in bytes.
pub const MAX_DATA_BYTES: usize = 16 * 1024;

/// The deepest nesting of session data.
pub const MAX_DATA_DEPTH: usize = 16;

/// A JSON object of at most [`MAX_DATA_BYTES`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionData(Map<String, Value>);

/// The data would grow over their bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("session data would exceed {MAX_DATA_BYTES} bytes")]
pub struct DataTooLarge;

impl SessionData {
    /// The object.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The data after an RFC 7396 merge patch.
    ///
    /// # Errors
    /// [`DataTooLarge`] when the outcome is longer than [`MAX_DATA_BYTES`].
    pub fn merged(&self, patch: &Patch) -> Result<Self, DataTooLarge> {
        let mut next = self.0.clone();
        merge(&mut next, patch.as_map());
        let next = Self(next);
        if next.encoded_len() > MAX_DATA_BYTES { Err(DataTooLarge) } else { Ok(next) }
    }

    fn encoded_len(&self) -> usize {
        // A map of JSON values always serialises; if it did not, refusing is the safe answer.
        serde_json::to_vec(&self.0).map_or(usize::MAX, |json| json.len())
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
