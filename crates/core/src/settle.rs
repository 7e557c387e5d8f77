//! What a service asks of the session in its answer: the `Symbolon-Session` response header.
//!
//! An RFC 9651 dictionary with the members
//! - `patch=:BASE64:`, an RFC 7396 merge patch of the session data; the parameter
//!   `generation=N` makes it conditional on that generation,
//! - `rotate`, a new access token, the old one dead,
//! - `end`, the session ended.
//!
//! Anything else in it is an error: a service that asks for something we do not understand must
//! hear so, not be half obeyed. So is a member that stands there twice, of which RFC 9651 would let
//! the last one count: two parts of a service that each add one would see one of them lost.

use std::convert::Infallible;

use sfv::visitor::{DictionaryVisitor, EntryVisitor, Ignored};
use sfv::{BareItem, Dictionary, Item, KeyRef, ListEntry, Parser};

use crate::session::{Generation, Patch, PatchError};

/// The name of the response header, in lower case.
pub const HEADER: &str = "symbolon-session";

/// The changes that a service asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionChange {
    /// Merge patch of the session data.
    pub patch: Option<Patch>,
    /// The generation the patch is conditional on.
    pub if_generation: Option<Generation>,
    /// Wants a new access token.
    pub rotate: bool,
    /// Wants the session ended.
    pub end: bool,
}

/// Why a header is not understood.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// Not an RFC 9651 dictionary.
    #[error("not a structured dictionary")]
    Syntax(#[source] sfv::Error),
    /// A member that does not exist.
    #[error("unknown member `{0}`")]
    UnknownMember(String),
    /// A parameter that its member does not have.
    #[error("`{0}` has no parameter `{1}`")]
    UnknownParameter(&'static str, String),
    /// A member more than once.
    #[error("a member stands there twice")]
    RepeatedMember,
    /// A member or parameter of the wrong type.
    #[error("`{0}` has the wrong type")]
    WrongType(&'static str),
    /// The patch inside is not acceptable.
    #[error("unacceptable patch")]
    Patch(#[from] PatchError),
}

impl SessionChange {
    /// Parses the field value; several field lines are joined by `, ` first (RFC 9651 4.2).
    pub fn parse(value: &[u8]) -> Result<Self, SettleError> {
        let members: Dictionary = Parser::new(value).parse().map_err(SettleError::Syntax)?;
        let mut change = Self::default();
        for (name, entry) in &members {
            match name.as_str() {
                "patch" => change.read_patch(entry)?,
                "rotate" => change.rotate = read_flag("rotate", entry)?,
                "end" => change.end = read_flag("end", entry)?,
                other => return Err(SettleError::UnknownMember(other.to_owned())),
            }
        }
        // INVARIANT: it was parsed before, and nothing in it is unknown.
        match Parser::new(value).parse_dictionary_with_visitor(Count::default()) {
            Ok(count) if count == members.len() => Ok(change),
            _ => Err(SettleError::RepeatedMember),
        }
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.patch.is_none() && !self.rotate && !self.end
    }

    fn read_patch(&mut self, entry: &ListEntry) -> Result<(), SettleError> {
        let ListEntry::Item(item) = entry else {
            return Err(SettleError::WrongType("patch"));
        };
        let BareItem::ByteSequence(json) = &item.bare_item else {
            return Err(SettleError::WrongType("patch"));
        };
        self.patch = Some(Patch::parse(json)?);
        for (name, value) in &item.params {
            match (name.as_str(), value) {
                ("generation", BareItem::Integer(number)) => {
                    let number = u64::try_from(i64::from(*number))
                        .map_err(|_| SettleError::WrongType("generation"))?;
                    self.if_generation = Some(Generation(number));
                }
                ("generation", _) => return Err(SettleError::WrongType("generation")),
                (other, _) => {
                    return Err(SettleError::UnknownParameter("patch", other.to_owned()));
                }
            }
        }
        Ok(())
    }
}

fn read_flag(name: &'static str, entry: &ListEntry) -> Result<bool, SettleError> {
    match entry {
        ListEntry::Item(Item { bare_item: BareItem::Boolean(flag), params }) => {
            // No condition is known here, and without it the member would say something else.
            match params.keys().next() {
                None => Ok(*flag),
                Some(other) => Err(SettleError::UnknownParameter(name, other.to_string())),
            }
        }
        _ => Err(SettleError::WrongType(name)),
    }
}

/// Counts members, those that stand there twice as two.
#[derive(Default)]
struct Count(usize);

impl<'de> DictionaryVisitor<'de> for Count {
    type Out = usize;
    type Error = Infallible;

    fn entry(&mut self, _name: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Infallible> {
        self.0 += 1;
        Ok(Ignored)
    }

    fn finish(self) -> Result<usize, Infallible> {
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_members_are_read() {
        let change =
            SessionChange::parse(b"patch=:eyJjYXJ0IjpbMV19:;generation=7, rotate, end").unwrap();
        assert_eq!(change.patch, Some(Patch::parse(br#"{"cart":[1]}"#).unwrap()));
        assert_eq!(change.if_generation, Some(Generation(7)));
        assert!(change.rotate && change.end);
    }

    #[test]
    fn a_flag_may_be_denied() {
        assert!(SessionChange::parse(b"end=?0").unwrap().is_empty());
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let bad: [&[u8]; 15] = [
            b"patch=\"text\"",
            b"patch=(1 2)",
            b"end=1",
            b"erase",
            b"patch=:bm90IGpzb24=:",
            b"patch=:W10=:",
            b"patch=:e30=:;generation=-1",
            b"patch=:e30=:;other=1",
            b"patch=",
            b"end;generation=777",
            b"rotate;generation=777",
            b"end=?0;x",
            b"patch=:e30=:, rotate, patch=:e30=:",
            b"rotate=?0, rotate",
            b"patch=:eyJhIjoxODQ0Njc0NDA3MzcwOTU1MTYxNn0=:",
        ];
        for value in bad {
            assert!(SessionChange::parse(value).is_err(), "{}", String::from_utf8_lossy(value));
        }
    }
}
