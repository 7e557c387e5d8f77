//! What a verified token says, found by path.
//!
//! 1. A path is the name of a claim, or names at dots for claims inside of claims:
//!    `realm_access.roles`. A claim whose own name is `realm_access.roles` is not found by it:
//!    whoever may add a claim to a token must not be able to stand in for one inside of another.
//! 2. A path with a colon is one name as a whole: `https://a.example/roles`. Names that are to
//!    collide with no other are URIs (RFC 7519 sections 2 and 4.2), and URIs have dots.
//!
//! So each path leads to one claim at most, whatever else the token says.

use serde_json::{Map, Value};

use super::error::JwtError;
use crate::time::Timestamp;

/// The last second of the year 9999: a later time is a mistake (RFC 3339 5.6 ends there).
const END_OF_TIME: f64 = 253_402_300_799.0;

/// Claims. Only a verified token has any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The claim at `path`.
    pub fn get(&self, path: &str) -> Option<&Value> {
        claim_at(&self.0, path)
    }

    /// The claim at `path` where it is text and not empty.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A text, or the texts of a list; what is not text is left out.
    pub fn texts(&self, path: &str) -> Vec<&str> {
        match self.get(path) {
            Some(Value::String(text)) if !text.is_empty() => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Words: a text with spaces between them (RFC 6749 3.3), or a list.
    pub fn words(&self, path: &str) -> Vec<&str> {
        let texts = self.texts(path).into_iter();
        texts.flat_map(|text| text.split(' ').filter(|word| !word.is_empty())).collect()
    }

    /// The point in time at `path` (RFC 7519 2, `NumericDate`: fractions are allowed), rounded
    /// down. Anything but a number between 1970 and the year 9999 is an error.
    pub fn time(&self, path: &str) -> Result<Option<Timestamp>, JwtError> {
        match self.get(path) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                let seconds = number.as_f64().filter(|at| (0.0..=END_OF_TIME).contains(at));
                seconds.map(|at| Some(Timestamp::from_secs(whole(at)))).ok_or(JwtError::Claims)
            }
            Some(_) => Err(JwtError::Claims),
        }
    }

    /// All of them.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// What stands at `path` among these members; the same rule wherever JSON of others is read.
pub fn claim_at<'a>(members: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if path.contains(':') {
        return members.get(path);
    }
    let mut names = path.split('.');
    let first = members.get(names.next()?)?;
    names.try_fold(first, |inside, name| inside.as_object()?.get(name))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "INVARIANT: between 0 and the year 9999, which an i64 holds; fractions are dropped"
)]
fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}
