//! Whose budget an attempt is charged to, and the opaque name under which it is kept.
//!
//! People type their password into the wrong field, so what was typed as a name stays neither in
//! memory nor in the store: a keyed hash of it does.

use std::sync::Arc;

use symbolon_core::mark::{LENGTH, MarkKey};
use symbolon_core::seal::MasterKey;
use symbolon_core::{ClientId, SubjectId};

/// Whose password is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptKey {
    /// An account, or a name that an account could have. All ways in share it.
    Account(SubjectId),
    /// A client's credential.
    Credential {
        /// The client.
        client: ClientId,
        /// The credential, within the client.
        id: Arc<str>,
    },
    /// A name that somebody has in a directory and no account here can have.
    Elsewhere(Arc<str>),
    /// A text that no account can have as its name.
    Nobody,
}

/// The opaque name of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Mark(pub(crate) [u8; LENGTH]);

/// Makes them: the same in every process with the same master key.
pub(super) struct Marks(MarkKey);

impl AttemptKey {
    /// Of a name that was understood, or not.
    pub fn of_name(name: Option<&SubjectId>) -> Self {
        name.map_or(Self::Nobody, |name| Self::Account(name.clone()))
    }
}

impl AttemptKey {
    /// Of a name that a directory is asked about: an account of that name shares the budget.
    pub fn of_directory(name: &str) -> Self {
        let name = name.trim().to_lowercase();
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
            // Neither names nor ids of credentials have a line feed.
            AttemptKey::Credential { client, id } => {
                self.0.bytes("credential", &format!("{}\n{id}", client.as_str()))
            }
            AttemptKey::Elsewhere(name) => self.0.bytes("elsewhere", name),
            AttemptKey::Nobody => self.0.bytes("nobody", ""),
        })
    }
}
