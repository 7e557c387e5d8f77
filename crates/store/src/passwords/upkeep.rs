//! The recurring work: counters of attempts are written behind.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::Passwords;
use crate::error::StoreError;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

impl Passwords {
    /// Takes up the counters of the last run; before it, all budgets are full.
    pub async fn restore(&self) -> Result<(), StoreError> {
        self.attempts.restore(&*self.core, self.clock.now()).await
    }

    /// Writes the counters that have changed.
    pub async fn save(&self) -> Result<(), StoreError> {
        self.attempts.save(&*self.core, self.clock.now()).await
    }

    /// Does the recurring work until `shutdown` turns true, then writes what still waits.
    pub async fn run(self: Arc<Self>, mut shutdown: watch::Receiver<bool>) {
        let mut stopped = pin!(async { drop(shutdown.wait_for(|stop| *stop).await) });
        let mut turn = interval(EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_last = false;
        while !is_last {
            tokio::select! {
                _ = turn.tick() => {}
                () = &mut stopped => is_last = true,
            }
            if let Err(error) = self.save().await {
                tracing::warn!(%error, "counters of attempts were not written");
            }
        }
    }
}
