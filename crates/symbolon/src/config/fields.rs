//! Typed access to a checked and completed section.
//!
//! A value that is missing or wrong has been reported before; what is returned in its place is a
//! placeholder in a result that is thrown away. That keeps the readers free of second reports.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::mistake::{Mistake, Mistakes};
use super::shape::{Section, Shape};
use super::units;
use super::yaml::{Name, Node, Place, Value};

/// The keys of one section as the file, or its default, gives them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    node: &'a Node,
    section: &'static Section,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(node: &'a Node, section: &'static Section) -> Self {
        Self { node, section }
    }

    /// Where the section stands.
    pub(crate) fn place(&self) -> Place {
        self.node.place
    }

    /// The node of a key, if it has one.
    pub(crate) fn get(&self, key: &'static str) -> Option<&'a Node> {
        debug_assert!(self.section.key(key).is_some(), "undeclared key {key}");
        #[cfg(test)]
        super::tests::reads::record(self.section, key);
        self.node.get(key)
    }

    /// Text, empty where there is none.
    pub(crate) fn text(&self, key: &'static str) -> &'a str {
        self.optional_text(key).unwrap_or_default()
    }

    pub(crate) fn optional_text(&self, key: &'static str) -> Option<&'a str> {
        self.get(key).and_then(Node::scalar)
    }

    /// Text that some type can read; a failure is reported.
    pub(crate) fn parse<T>(&self, key: &'static str, mistakes: &mut Mistakes) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        parse(self.get(key)?, key, mistakes)
    }

    pub(crate) fn duration(&self, key: &'static str) -> Duration {
        units::duration(self.text(key)).unwrap_or_default()
    }

    pub(crate) fn size(&self, key: &'static str) -> u64 {
        units::size(self.text(key)).unwrap_or_default()
    }

    pub(crate) fn integer(&self, key: &'static str) -> Option<u64> {
        self.optional_text(key)?.parse().ok()
    }

    pub(crate) fn is_true(&self, key: &'static str) -> bool {
        self.text(key) == "true"
    }

    pub(crate) fn list(&self, key: &'static str) -> &'a [Node] {
        self.get(key).map_or(&[], items)
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<String> {
        let texts = self.list(key).iter().filter_map(Node::scalar);
        texts.map(str::to_owned).collect()
    }

    /// A section below, where it is written or has defaults.
    pub(crate) fn section(&self, key: &'static str) -> Option<Fields<'a>> {
        let node = self.get(key)?;
        match self.section.key(key)?.shape {
            Shape::Section(section) => Some(Fields::new(node, section)),
            _ => None,
        }
    }

    /// The entries of a mapping whose names the file chooses.
    pub(crate) fn entries(&self, key: &'static str) -> &'a [(Name, Node)] {
        match self.get(key).map(|node| &node.value) {
            Some(Value::Mapping(entries)) => entries,
            _ => &[],
        }
    }

    /// The sections below, by the names that the file gives them.
    pub(crate) fn named(&self, key: &'static str) -> Vec<(&'a Name, Fields<'a>)> {
        let (Some(node), Some(declared)) = (self.get(key), self.section.key(key)) else {
            return Vec::new();
        };
        let (Value::Mapping(entries), Shape::Named { of, .. }) = (&node.value, &declared.shape)
        else {
            return Vec::new();
        };
        entries.iter().map(|(name, node)| (name, Fields::new(node, of))).collect()
    }
}

/// Reads the text of a node; a failure is reported.
pub(crate) fn parse<T>(node: &Node, what: &str, mistakes: &mut Mistakes) -> Option<T>
where
    T: FromStr<Err: Display>,
{
    let text = node.scalar()?;
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            let message = format!("`{what}`: `{text}` is refused: {error}");
            mistakes.push(Mistake::new(node.place, message));
            None
        }
    }
}

/// The items of a list; none for anything else.
pub(crate) fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => &[],
    }
}
