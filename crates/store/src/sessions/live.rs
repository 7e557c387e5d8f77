//! A session in memory, as the near cache hands it out.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use symbolon_core::{Session, Timestamp, TokenHash};

use super::common::Common;
use super::minted::MintedTokens;
use crate::near_cache::Keyed;

/// One generation of a session, with what moves without a new generation: its last use and the
/// internal tokens minted for it.
#[derive(Debug)]
pub struct LiveSession {
    /// The session as it was stored, without its device; its `last_seen` is older than
    /// [`LiveSession::last_seen`].
    pub session: Session,
    last_seen: AtomicI64,
    /// The last use that was handed to the write-behind queue.
    touched: AtomicI64,
    minted: MintedTokens,
}

impl LiveSession {
    /// A session as it comes from the store, less what memory need not hold once more.
    pub(super) fn new(mut session: Session, common: &Common) -> Self {
        // There may be a million of them, and no request asks where its session was opened.
        session.device = None;
        common.share(&mut session);
        let last_seen = session.last_seen.as_micros();
        Self {
            session,
            last_seen: AtomicI64::new(last_seen),
            touched: AtomicI64::new(last_seen),
            minted: MintedTokens::default(),
        }
    }

    /// Whether a use at `now` is within both lifetimes.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.session.is_live(self.last_seen(), now)
    }

    /// When it was last used, as this process knows.
    pub fn last_seen(&self) -> Timestamp {
        Timestamp::from_micros(self.last_seen.load(Ordering::Relaxed))
    }

    /// The internal tokens that may be used again.
    pub fn internal_tokens(&self) -> &MintedTokens {
        &self.minted
    }

    /// Records a use, never backwards.
    pub(super) fn see(&self, now: Timestamp) {
        // The plain load spares the other cores a write to this line when nothing moves.
        if self.last_seen.load(Ordering::Relaxed) < now.as_micros() {
            self.last_seen.fetch_max(now.as_micros(), Ordering::Relaxed);
        }
    }

    /// Whether the store is to hear of the use at `now`, as the last one it heard of is at least
    /// `interval` ago. Says so to one caller only.
    pub(super) fn claim_touch(&self, now: Timestamp, interval: Duration) -> bool {
        let before = self.touched.load(Ordering::Relaxed);
        now.since(Timestamp::from_micros(before)) >= interval
            && self
                .touched
                .compare_exchange(before, now.as_micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// The last use, if it was not handed to the queue.
    pub(super) fn unwritten_use(&self) -> Option<Timestamp> {
        let last_seen = self.last_seen();
        (last_seen.as_micros() > self.touched.load(Ordering::Relaxed)).then_some(last_seen)
    }

    /// Takes a claim back: the store did not hear of it, and the next use tries again.
    pub(super) fn unclaim_touch(&self) {
        self.touched.store(self.session.last_seen.as_micros(), Ordering::Relaxed);
    }
}

impl Keyed for LiveSession {
    fn key(&self) -> &TokenHash {
        &self.session.token
    }
}
