//! What is known of one service, whatever the configuration says of it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use hashbrown::HashMap;
use parking_lot::Mutex;
use symbolon_core::mark::MarkKey;

use super::LiveTarget;
use super::breaker::Counts;
use super::budget::Budget;
use super::epoch::Epoch;
use super::names::Names;
use super::registry::Pools;
use crate::tls::SecureTarget;

/// Shared by all workers, kept over reloads.
pub(crate) struct ServiceState {
    name: Arc<str>,
    pub(super) epoch: Epoch,
    /// Counts whose turn it is.
    pub(super) turn: AtomicU64,
    /// Counts draws of targets.
    pub(super) draws: AtomicU64,
    budget: Budget,
    retried: AtomicU64,
    denied: AtomicU64,
    counts: Arc<Counts>,
    marks: MarkKey,
    /// What was found for the names of its targets.
    pub(super) names: Names,
    targets: Mutex<HashMap<Arc<str>, Weak<LiveTarget>>>,
    pools: Arc<Pools>,
    /// Targets that are ejected, at least: where it is 0 nobody has to look for them.
    pub(super) ejected: AtomicUsize,
    /// Held while it is decided whether one more target may be left out.
    pub(super) verdict: Mutex<()>,
}

impl ServiceState {
    pub(super) fn new(
        name: &Arc<str>,
        epoch: Epoch,
        marks: MarkKey,
        pools: Arc<Pools>,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: Arc::clone(name),
            epoch,
            turn: AtomicU64::new(0),
            draws: AtomicU64::new(0),
            budget: Budget::default(),
            retried: AtomicU64::new(0),
            denied: AtomicU64::new(0),
            counts: Arc::default(),
            marks,
            names: Names::default(),
            targets: Mutex::default(),
            pools,
            ejected: AtomicUsize::new(0),
            verdict: Mutex::new(()),
        })
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// What is known of a target; nothing, if it is new.
    pub(super) fn target(
        &self,
        authority: &Arc<str>,
        tls: Option<&Arc<SecureTarget>>,
    ) -> Arc<LiveTarget> {
        let identity = tls.map_or_else(|| Arc::clone(authority), |tls| tls.identity(authority));
        let mut targets = self.targets.lock();
        if let Some(known) = targets.get(&identity).and_then(Weak::upgrade) {
            return known;
        }
        targets.retain(|_, target| target.strong_count() > 0);
        let mark = self.marks.mark(&self.name, &identity);
        let target = LiveTarget::new(authority, &self.name, mark);
        targets.insert(identity, Arc::downgrade(&target));
        target
    }

    /// Counts a request towards the retries that may follow.
    pub(super) fn deposit(&self, percent: u32) {
        self.budget.deposit(percent);
    }

    /// Pays for a retry, if the budget allows it.
    pub(super) fn pay(&self, percent: u32) -> bool {
        let is_paid = percent > 0 && self.budget.withdraw();
        let count = if is_paid { &self.retried } else { &self.denied };
        count.fetch_add(1, Ordering::Relaxed);
        is_paid
    }

    /// Retries that were made, and those that the budget did not pay.
    pub(super) fn retries(&self) -> (u64, u64) {
        (self.retried.load(Ordering::Relaxed), self.denied.load(Ordering::Relaxed))
    }

    /// Closes one of the service's kept connections.
    pub(super) fn give_up_kept(&self) {
        self.pools.give_up(&self.counts);
    }
}
