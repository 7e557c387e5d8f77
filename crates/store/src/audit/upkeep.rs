//! The recurring work of the audit log: late writes, and the removal of what was kept long
//! enough.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use symbolon_core::Timestamp;
use symbolon_core::audit::{By, Kind, Record};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::Observer;
use crate::clock::Clock;
use crate::core_store::CoreStore;
use crate::sessions::Sessions;

/// How often observations are written.
const EVERY: Duration = Duration::from_secs(1);

/// How often the beginning is cut off, in turns: each cut is a record itself.
const TURNS_PER_CUT: u32 = 3600;

/// The most entries that one statement removes, so that it does not keep the writer for long.
const BATCH: u32 = 1000;

/// Who does the work.
pub struct Upkeep {
    /// Where it is written.
    pub core: Arc<dyn CoreStore>,
    /// What was seen.
    pub observer: Arc<Observer>,
    /// Who knows whether another process has the store as well.
    pub sessions: Arc<Sessions>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How long entries are kept; for ever with `None`.
    pub keep: Option<Duration>,
}

impl Upkeep {
    /// Does the recurring work until `shutdown` turns true, then writes what still waits.
    pub async fn run(self, mut shutdown: watch::Receiver<bool>) {
        let mut stopped = pin!(async { drop(shutdown.wait_for(|stop| *stop).await) });
        let mut turn = interval(EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut turns: u32 = 0;
        loop {
            tokio::select! {
                _ = turn.tick() => {}
                () = &mut stopped => break,
            }
            self.write_observations().await;
            if turns.is_multiple_of(TURNS_PER_CUT) {
                self.cut().await;
            }
            turns = turns.wrapping_add(1);
        }
        self.write_observations().await;
    }

    /// Writes what was seen since the last time.
    pub async fn write_observations(&self) {
        let records = self.observer.take(self.clock.now());
        if records.is_empty() {
            return;
        }
        if let Err(error) = self.core.record(&records).await {
            tracing::warn!(%error, records = records.len(), "observations were not recorded");
            self.observer.give_up(records.len() as u64);
        }
    }

    /// Removes what was kept long enough.
    pub async fn cut(&self) {
        let Some(keep) = self.keep else { return };
        // Whoever drains beside us may be reading what would be removed.
        if self.sessions.is_shared() {
            return;
        }
        let now = self.clock.now();
        loop {
            match self.core.cut_audit(now.minus(keep), BATCH, &cut_record(now)).await {
                Ok(Some(cut)) => tracing::info!(up_to = cut.sequence, "old audit records removed"),
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "old audit records were not removed");
                    return;
                }
            }
        }
    }
}

/// The record of a cut, to which the store adds what was cut.
fn cut_record(now: Timestamp) -> Record {
    Record::new(Kind::AuditCut, &By::system(now))
}
