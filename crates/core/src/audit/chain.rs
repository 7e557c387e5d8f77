//! Walks along the entries and names the first that is not as it was written.

use super::entry::{Cut, Entry, Hash};

/// How far it was walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    last: u64,
    hash: Hash,
}

/// The first entry that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Entries are missing.
    #[error("record {expected} is missing: record {found} stands in its place")]
    Missing {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// It goes on from another one.
    #[error("record {sequence} does not go on from the record before it: one of them was replaced")]
    Unbound {
        /// Its number.
        sequence: u64,
    },
    /// It says something else than when it was written.
    #[error("record {sequence} was changed after it was written")]
    Changed {
        /// Its number.
        sequence: u64,
    },
}

impl Chain {
    /// From the beginning, or from where it was cut.
    pub fn from(cut: Option<Cut>) -> Self {
        cut.map_or_else(Self::default, |cut| Self { last: cut.sequence, hash: cut.hash })
    }

    /// Goes one entry further.
    ///
    /// # Errors
    /// [`Broken`] when it is not the next.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), Broken> {
        let expected = self.last + 1;
        if entry.sequence != expected {
            return Err(Broken::Missing { expected, found: entry.sequence });
        }
        // Before the binding: of a changed entry the next one shows it too.
        if !entry.is_sound() {
            return Err(Broken::Changed { sequence: entry.sequence });
        }
        if entry.previous != self.hash {
            return Err(Broken::Unbound { sequence: entry.sequence });
        }
        (self.last, self.hash) = (entry.sequence, entry.hash);
        Ok(())
    }

    /// The number of the last entry; 0 before the first.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Its hash.
    pub fn hash(&self) -> Hash {
        self.hash
    }
}
