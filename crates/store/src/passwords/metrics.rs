//! What the hashing of passwords counts, for the admin listener to export.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters and gauges; each is read with one load.
#[derive(Debug, Default)]
pub struct PasswordMetrics {
    hashes: AtomicU64,
    waiting: AtomicU64,
    refused: AtomicU64,
    known_again: AtomicU64,
}

impl PasswordMetrics {
    /// Passwords hashed or compared, those of unknown accounts included.
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    /// Hashes waiting for their turn, right now.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Hashes refused because too many were waiting.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Passwords that were known again without a hash.
    pub fn known_again(&self) -> u64 {
        self.known_again.load(Ordering::Relaxed)
    }

    pub(super) fn count_hash(&self) {
        self.hashes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_known_again(&self) {
        self.known_again.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn stop_waiting(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
