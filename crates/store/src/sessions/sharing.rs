//! While another process has the store as well: the binary is being replaced, and both answer
//! requests.
//!
//! 1. Nothing is answered from the near cache, nothing is put there, and no look-up is shared:
//!    every request reads the store, and before it the entries that the other process has added
//!    to the revocation log. So what either process has acknowledged holds in both.
//! 2. What outlives a request looks at the log in memory; somebody calls [`Sessions::catch_up`]
//!    often enough for that.
//! 3. Nobody removes anything that has expired: until they are alone, both read the log by the
//!    numbers of its rows, which would otherwise be given out again.
//! 4. This begins before the other process opens the store, and ends only when the kernel says that
//!    nobody else has it ([`Alone`]): no message and no silence of the other process is enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use symbolon_core::{Timestamp, TokenHash};
use tokio::sync::{Mutex, MutexGuard};

use super::{LiveSession, Sessions};
use crate::core_store::LogMark;
use crate::error::StoreError;
use crate::near_cache::Fence;
use crate::session_store::Touch;
use crate::sqlite::Alone;

/// The time between two writes of one session's `last_seen` meanwhile: the other process knows
/// of a use only from the store.
const TOUCH_INTERVAL: Duration = Duration::from_secs(1);

/// Whether the store is shared, and what is known of it.
pub(super) struct Sharing {
    is_shared: AtomicBool,
    /// How often this process was left alone with the store.
    times_alone: AtomicU64,
    /// Up to where the revocation log was read.
    mark: AtomicI64,
    /// Held while something is removed from the store.
    removing: Mutex<()>,
}

impl Sharing {
    /// The log was read up to `mark` and beyond.
    pub(super) fn new(is_shared: bool, mark: LogMark) -> Self {
        Self {
            is_shared: AtomicBool::new(is_shared),
            times_alone: AtomicU64::default(),
            mark: AtomicI64::new(mark.0),
            removing: Mutex::new(()),
        }
    }

    fn is_on(&self) -> bool {
        self.is_shared.load(Ordering::Acquire)
    }

    /// Leave to remove what is over; `None` while the store is shared.
    pub(super) async fn alone(&self) -> Option<MutexGuard<'_, ()>> {
        let guard = self.removing.lock().await;
        (!self.is_on()).then_some(guard)
    }
}

impl Sessions {
    /// Whether another process has the store as well.
    pub fn is_shared(&self) -> bool {
        self.sharing.is_on()
    }

    /// A number that is another one each time that this process is left alone with the store;
    /// `None` while another has it as well. What was read under one number is not to be believed
    /// under another.
    pub fn alone_since(&self) -> Option<u64> {
        let times_alone = self.sharing.times_alone.load(Ordering::SeqCst);
        (!self.is_shared()).then_some(times_alone)
    }

    /// From now on another process may have the store as well. When this returns, nothing is
    /// answered from memory any more, and the store knows all that memory knew.
    pub async fn share(&self) -> Result<(), StoreError> {
        if !self.sharing.is_shared.swap(true, Ordering::SeqCst) {
            // A removal that is under way comes to its end: from here on, rows keep their numbers.
            let _removing = self.sharing.removing.lock().await;
            // All entries so far are our own, and in memory.
            let LogMark(last) = self.core.last_revocation().await?;
            self.sharing.mark.store(last, Ordering::Release);
        }
        self.forget_all();
        self.flush_touches().await
    }

    /// No other process has the store any more, and all that it wrote is there.
    pub async fn unshare(&self, _alone: &Alone) -> Result<(), StoreError> {
        self.catch_up().await?;
        self.forget_all();
        self.sharing.times_alone.fetch_add(1, Ordering::SeqCst);
        self.sharing.is_shared.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Takes over what other processes have added to the revocation log; does nothing while there
    /// are none.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        if !self.is_shared() {
            return Ok(());
        }
        let mark = LogMark(self.sharing.mark.load(Ordering::Acquire));
        let (added, LogMark(last)) = self.core.revocations_after(mark).await?;
        for revocation in added {
            self.revoked.insert(&revocation, revocation.at);
        }
        // Only now, so that whoever starts from there finds the entries in memory.
        self.sharing.mark.fetch_max(last, Ordering::AcqRel);
        Ok(())
    }

    /// The live session that a token opens, as the store says now.
    pub(super) async fn find_in_store(
        &self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Arc<LiveSession>>, StoreError> {
        self.catch_up().await?;
        let session = self.store.find(token).await?;
        let live = session.map(|session| Arc::new(LiveSession::new(session, &self.common)));
        Ok(live.filter(|live| self.lets_in(live, now)))
    }

    /// Puts a session into the cache, unless it might be changed behind our back.
    pub(super) fn keep(&self, live: &Arc<LiveSession>, fence: Fence) {
        // Where sharing begins right here, the fence has moved.
        if !self.is_shared() {
            self.cache.insert(Arc::clone(live), fence);
        }
    }

    /// The shortest time between two writes of one session's `last_seen`.
    pub(super) fn touch_interval(&self) -> Duration {
        if self.is_shared() { TOUCH_INTERVAL.min(self.touch_interval) } else { self.touch_interval }
    }

    fn forget_all(&self) {
        self.cache.clear(|live| {
            if let Some(at) = live.unwritten_use() {
                // Beyond the bound of the queue a use is lost, as by a crash.
                self.touches.push(Touch { id: live.session.id, at });
            }
        });
    }
}
