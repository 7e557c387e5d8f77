//! The configuration file as a tree in which everything knows where it was written.
//!
//! Serde stops at the first mistake and forgets the places of keys. This tree does neither, so
//! that all mistakes can be reported at once, each with its line and column.
//!
//! 1. One document per file, no tags, no merge keys: what stands there is what is meant.
//! 2. A key stands at most once in a mapping.
//! 3. Aliases are copies; their sum is bounded ([`MAX_NODES`]), so that no small file grows large.

mod build;
#[cfg(test)]
mod tests;

pub(crate) use build::parse;

/// The most nodes of a file, aliases counted as often as they are used.
pub(crate) const MAX_NODES: usize = 500_000;
/// The deepest nesting of mappings and of lists.
pub(crate) const MAX_DEPTH: usize = 32;

/// Where something stands in the file. Lines and columns count characters from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Characters to underline, at least 1.
    pub(crate) length: usize,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// What may be written in the file.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Nothing, `~` or `null`.
    Nothing,
    /// Any single value, as text.
    Scalar {
        text: String,
        /// Written in quotes, so that it is text and not a number or truth value.
        quoted: bool,
    },
    /// `[a, b]`.
    List(Vec<Node>),
    /// `{a: b}`, in the order of the file.
    Mapping(Vec<(Name, Node)>),
}

/// A key of a mapping and its place.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) place: Place,
}

impl Node {
    /// What this is, for messages: `a list`.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Nothing => "nothing",
            Value::Scalar { text, quoted: false } if is_truth_value(text) => "true or false",
            Value::Scalar { text, quoted: false } if text.parse::<f64>().is_ok() => "a number",
            Value::Scalar { .. } => "text",
            Value::List(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// The text of a scalar, whatever it looks like.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of a key, where this is a mapping that has it and says something about it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Mapping(entries) = &self.value else {
            return None;
        };
        entries
            .iter()
            .find(|(name, node)| name.text == key && !matches!(node.value, Value::Nothing))
            .map(|(_, node)| node)
    }
}

/// The truth values of YAML 1.2 (core schema), in lower case only.
fn is_truth_value(text: &str) -> bool {
    matches!(text, "true" | "false")
}
