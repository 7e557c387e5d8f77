//! What a verified token says, found by path.
//!
//! A path is the name of a claim, or names at dots for claims inside of claims:
//! `realm_access.roles`. A name that has dots itself, such as `https://a.example/roles`, is found
//! as a whole first.

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
        at(&self.0, path)
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

/// The claim at `path`: as a whole, or inside of the claim whose name stands before a dot.
pub(super) fn at<'a>(members: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = members.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (head, tail) = path.split_at_checked(dot)?;
        let inside = members.get(head)?.as_object()?;
        at(inside, tail.strip_prefix('.')?)
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "INVARIANT: between 0 and the year 9999, which an i64 holds; fractions are dropped"
)]
fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}
