//! Whose budget an attempt is charged to, and the opaque name under which it is kept.
//!
//! People type their password into the wrong field, so what was typed as a name stays neither in
//! memory nor in the store: a keyed hash of it does.

use std::sync::Arc;

use symbolon_core::SubjectId;
use symbolon_core::mark::{LENGTH, MarkKey};
use symbolon_core::seal::MasterKey;
use symbolon_core::throttle::one_spelling;

/// Whose password is tried: a name, in the one spelling that all its spellings have, whoever has
/// it. All ways in share its budget, so that how long they take does not tell whose name it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptKey {
    /// An account, or a name that an account could have.
    Account(SubjectId),
    /// A name that no account here can have.
    Elsewhere(Arc<str>),
}

/// The opaque name of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Mark(pub(crate) [u8; LENGTH]);

/// Makes them: the same in every process with the same master key.
pub(super) struct Marks(MarkKey);

impl AttemptKey {
    /// Of a name that somebody typed, or that a directory has.
    pub fn of(name: &str) -> Self {
        let name = one_spelling(name);
        match name.parse() {
            Ok(name) => Self::Account(name),
            Err(_) => Self::Elsewhere(name.into()),
        }
    }
}

impl Mark {
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Marks {
    pub(super) fn derive(master: &MasterKey) -> Self {
        Self(MarkKey::derive(master, "attempts"))
    }

    pub(super) fn of(&self, key: &AttemptKey) -> Mark {
        Mark(match key {
            AttemptKey::Account(name) => self.0.bytes("account", name.as_str()),
            AttemptKey::Elsewhere(name) => self.0.bytes("elsewhere", name),
        })
    }
}
