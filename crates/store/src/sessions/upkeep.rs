//! The recurring work: late writes, expiry, forgetting.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use symbolon_core::Timestamp;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::Sessions;
use crate::clock::Clock;
use crate::error::StoreError;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// The most rows that one statement touches, so that it does not keep the writer for long.
const BATCH: u32 = 256;

/// The most batches of expired rows, and of revocations to forget, in one turn.
const BATCHES: usize = 16;

/// How long the store may lag behind a use that was put on the queue.
const FLUSH_LAG: Duration = Duration::from_mins(1);

impl Sessions {
    /// Does the recurring work until `shutdown` turns true, then writes what still waits.
    pub async fn run(self: Arc<Self>, clock: Arc<dyn Clock>, mut shutdown: watch::Receiver<bool>) {
        // Without what it saw, a guard that must not be kept across an `await`.
        let mut stopped = pin!(async { drop(shutdown.wait_for(|stop| *stop).await) });
        let mut turn = tokio::time::interval(EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = turn.tick() => self.maintain(clock.now()).await,
                () = &mut stopped => break,
            }
        }
        if let Err(error) = self.flush_touches().await {
            tracing::warn!(%error, "last uses of sessions were not written");
        }
    }

    /// One turn of the recurring work. What fails is tried again at the next.
    pub async fn maintain(&self, now: Timestamp) {
        let turn = async {
            self.flush_touches().await?;
            let Some(_alone) = self.sharing.alone().await else { return Ok(()) };
            self.expire(now).await?;
            self.forget_revocations(now).await
        };
        if let Err(error) = turn.await {
            tracing::warn!(%error, "upkeep of sessions failed");
        }
        self.replaced.forget(now);
        self.cache.sweep_one_shard(|live| {
            live.internal_tokens().forget_expired(now);
            live.is_live(now)
        });
    }

    /// Writes the uses that wait; those that could not be written wait on.
    pub async fn flush_touches(&self) -> Result<(), StoreError> {
        let waiting = self.touches.take();
        let mut batches = waiting.chunks(BATCH as usize);
        while let Some(batch) = batches.next() {
            if let Err(error) = self.store.touch(batch).await {
                let unwritten = batch.iter().chain(batches.flatten());
                unwritten.for_each(|touch| {
                    self.touches.push(*touch);
                });
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes sessions whose time is over; how many.
    ///
    /// The store hears of uses late, so that a session may look idle there that is not; none is
    /// removed before that can be told.
    pub async fn expire(&self, now: Timestamp) -> Result<u64, StoreError> {
        let certain = now.minus(self.touch_interval.saturating_add(FLUSH_LAG));
        let mut count = 0;
        for _ in 0..BATCHES {
            let removed = self.store.expire(certain, BATCH).await?;
            count += removed;
            if removed < u64::from(BATCH) {
                break;
            }
        }
        Ok(count)
    }

    /// Forgets revocations of what would have expired by now.
    pub async fn forget_revocations(&self, now: Timestamp) -> Result<(), StoreError> {
        self.revoked.forget(now);
        for _ in 0..BATCHES {
            if self.core.forget_revocations(now, BATCH).await? < u64::from(BATCH) {
                break;
            }
        }
        Ok(())
    }
}
