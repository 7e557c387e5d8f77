//! What is wrong with a policy or a schema, and where.

use std::sync::Arc;

use miette::Diagnostic;

use super::Source;

/// One mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyMistake {
    /// The text.
    pub source: Source,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In characters; at least 1.
    pub length: usize,
    /// A lowercase sentence without full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The name that is wrong, where only some are known: one of those may have been meant.
    pub unknown: Option<Unknown>,
}

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What was written.
    pub name: String,
    /// What there is.
    pub known: Vec<Arc<str>>,
}

impl PolicyMistake {
    /// About the bytes of a text from `offset` on.
    pub(super) fn at(source: &Source, offset: usize, length: usize, message: String) -> Self {
        let text = &source.text;
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let shown = text.get(offset..offset.saturating_add(length)).unwrap_or_default();
        let first_line = shown.lines().next().unwrap_or_default();
        Self {
            source: Source { file: Arc::clone(&source.file), text: Arc::clone(text) },
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            length: first_line.chars().count().max(1),
            message,
            hint: None,
            unknown: None,
        }
    }

    /// Whether both are about the same place.
    pub(super) fn is_about_the_place_of(&self, other: &Self) -> bool {
        (&self.source.file, self.line, self.column)
            == (&other.source.file, other.line, other.column)
    }

    /// What Cedar says of a text. Its first label is where; what has none is about the beginning.
    pub(super) fn of(source: &Source, said: &dyn Diagnostic) -> Self {
        let label = said.labels().and_then(|mut labels| labels.next());
        let (offset, length, what) = match &label {
            Some(label) => (label.offset(), label.len(), label.label()),
            None => (0, 0, None),
        };
        // Which policy it is about is where the place is; the sentence begins behind that.
        let said_text = said.to_string();
        let message = match said_text.split_once("`, ") {
            Some((start, rest)) if start.starts_with("for policy `") => rest.to_owned(),
            _ => said_text,
        };
        let message = match what {
            Some(what) if !what.is_empty() => format!("{message}: {what}"),
            _ => message,
        };
        let mut mistake = Self::at(source, offset, length, message);
        mistake.hint = said.help().map(|help| help.to_string());
        mistake
    }
}
