//! Accounts in memory, for who asks with every request.
//!
//! 1. An entry counts as long as no account was changed since it was read
//!    ([`CoreStore::accounts_version`]): a change is seen by whoever asks after it was answered.
//! 2. That there is no account of a name is kept too, so that both take the same time.
//! 3. While another process has the store as well, every question goes to the store.

use std::sync::Arc;

use parking_lot::Mutex;
use symbolon_core::SubjectId;

use super::bounded_map::BoundedMap;
use crate::core_store::{Account, CoreStore};
use crate::error::StoreError;
use crate::sessions::Sessions;

/// The most accounts in memory are twice this many.
const MAX_ACCOUNTS: usize = 4096;

/// The accounts that were asked for lately.
pub(super) struct AccountMemory {
    core: Arc<dyn CoreStore>,
    sessions: Arc<Sessions>,
    known: Mutex<BoundedMap<SubjectId, Option<Entry>>>,
}

#[derive(Clone)]
struct Entry {
    read_at: Version,
    account: Option<Arc<Account>>,
}

/// Which changes are in what was read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Version {
    accounts: u64,
    sharing: u64,
}

impl AccountMemory {
    pub(super) fn new(core: Arc<dyn CoreStore>, sessions: Arc<Sessions>) -> Self {
        Self { core, sessions, known: Mutex::new(BoundedMap::new(MAX_ACCOUNTS)) }
    }

    /// The account of that name, as it is now.
    pub(super) async fn find(&self, name: &SubjectId) -> Result<Option<Arc<Account>>, StoreError> {
        // Before the store is read: a change that comes in between makes the entry void.
        let Some(version) = self.version() else {
            return Ok(self.core.find_account(name).await?.map(Arc::new));
        };
        let known = self.known.lock().get(name).cloned().flatten();
        if let Some(entry) = known.filter(|entry| entry.read_at == version) {
            return Ok(entry.account);
        }
        let account = self.core.find_account(name).await?.map(Arc::new);
        let entry = Entry { read_at: version, account: account.clone() };
        *self.known.lock().entry(name) = Some(entry);
        Ok(account)
    }

    fn version(&self) -> Option<Version> {
        let sharing = self.sessions.alone_since()?;
        Some(Version { accounts: self.core.accounts_version(), sharing })
    }
}
