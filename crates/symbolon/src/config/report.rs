//! Mistakes as a person reads them: what, where, why, and what to do.
//!
//! ```text
//! error: unknown key `servces`
//!   --> symbolon.yaml:12:1
//!    |
//! 12 | servces
//!    | ^^^^^^^
//! hint: did you mean `services`?
//! ```
//!
//! A line of the file is shown only up to the end of what is meant: the value after a misplaced
//! key may be a secret.

use std::fmt;
use std::path::Path;

use symbolon_core::policy::cedar::Source;

use super::mistake::Mistake;
use super::yaml::Place;

/// The most mistakes that are told in full.
const MAX_TOLD: usize = 100;
/// The longest piece of a line that is shown, in characters.
const MAX_SHOWN: usize = 160;

/// Everything that is wrong with a file; never empty.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Report {
    /// The file as it was named by the caller.
    pub(crate) file: String,
    /// Its text, as far as it could be read.
    pub(crate) text: String,
    /// What was read beside it.
    pub(crate) beside: Vec<Source>,
    pub(crate) mistakes: Vec<Mistake>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in self.told() {
            self.tell(mistake, f)?;
        }
        if self.mistakes.len() > MAX_TOLD {
            writeln!(f, "… and {} more\n", self.mistakes.len() - MAX_TOLD)?;
        }
        let count = match self.mistakes.len() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        write!(f, "{count} in {}", self.file)
    }
}

impl Report {
    /// The mistakes that are told in full: there is no use in more at once.
    pub(crate) fn told(&self) -> impl Iterator<Item = &Mistake> {
        self.mistakes.iter().take(MAX_TOLD)
    }

    /// The file as a whole cannot be read.
    pub(crate) fn of_file(file: &Path, error: &str) -> Self {
        let message = format!("configuration file cannot be read: {error}");
        Self {
            file: file.display().to_string(),
            text: String::new(),
            beside: Vec::new(),
            mistakes: vec![Mistake::new(Place::default(), message)],
        }
    }

    fn tell(&self, mistake: &Mistake, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = mistake.place;
        writeln!(f, "error: {}", mistake.message)?;
        if place.line == 0 {
            writeln!(f, "  --> {}", self.file)?;
        } else {
            let file = mistake.file_or(&self.file);
            writeln!(f, "  --> {file}:{}:{}", place.line, place.column)?;
            self.quote(mistake, f)?;
        }
        if let Some(hint) = &mistake.hint {
            writeln!(f, "hint: {hint}")?;
        }
        writeln!(f)
    }

    fn quote(&self, mistake: &Mistake, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = mistake.place;
        let text = mistake.file.as_ref().map_or(&*self.text, |file| &*file.text);
        let Some(line) = text.lines().nth(place.line - 1) else {
            return Ok(());
        };
        let before = place.column.saturating_sub(1);
        let end = before.saturating_add(place.length);
        let from = end.saturating_sub(MAX_SHOWN).min(before);
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let shown: String =
            line.chars().skip(from).take((end - from).min(MAX_SHOWN)).map(printable).collect();
        let number = place.line.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(before - from);
        let carets = "^".repeat(place.length.min(MAX_SHOWN));
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", shown.trim_end())?;
        writeln!(f, "{margin} | {indent}{carets}")
    }
}
