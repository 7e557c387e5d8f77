//! How memory learns that an account was changed: a number that moves after the commit and before
//! the answer, even where nobody waits for the answer any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts changes.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountChanges(Arc<AtomicU64>);

/// A change under way. It travels with the outcome of the writer's job, which is dropped only
/// after the commit, and counts when it is dropped.
#[derive(Debug)]
pub(super) struct AccountChange(AccountChanges);

impl AccountChanges {
    pub(super) fn version(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(super) fn begin(&self) -> AccountChange {
        AccountChange(self.clone())
    }
}

impl Drop for AccountChange {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}
