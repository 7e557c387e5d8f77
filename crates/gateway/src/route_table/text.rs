//! A path as a key of the table. Short ones, which most are, lie in the table itself: with ten
//! thousand of them, to look elsewhere would cost more than to compare.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

/// The longest text that lies in its place, in bytes.
const SHORT: usize = 22;

/// A text of which only its bytes matter; 24 bytes large.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Short { length: u8, bytes: [u8; SHORT] },
    Long(Box<[u8]>),
}

impl Text {
    fn bytes(&self) -> &[u8] {
        match self {
            // INVARIANT: it is no longer than its room.
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let (mut bytes, length) = ([0; SHORT], u8::try_from(text.len()));
        match (bytes.get_mut(..text.len()), length) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short { length, bytes }
            }
            _ => Self::Long(text.as_bytes().into()),
        }
    }
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self.bytes()
    }
}

/// As its bytes, which is what the table is asked for.
impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Text {}

#[cfg(test)]
mod tests {
    use hashbrown::HashMap;

    use super::*;

    #[test]
    fn short_and_long_texts_are_found_by_their_bytes() {
        let texts: Vec<String> = (0..=2 * SHORT).map(|length| "x".repeat(length)).collect();
        let entry = |text: &String| (Text::from(&**text), text.len());
        let table: HashMap<Text, usize> = texts.iter().map(entry).collect();
        for text in &texts {
            assert_eq!(table.get(text.as_bytes()), Some(&text.len()));
        }
        assert_eq!(table.get(&b"y"[..]), None);
        assert_eq!(size_of::<Text>(), 24);
    }
}
