//! The recurring work of the audit log: late writes, and the removal of what was kept long
//! enough.
//!
//! What a destination was not told yet is kept for it, up to twice as long as the rest: one that is
//! away for good does not fill the disk. What is lost to it then is on record.

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
use crate::error::StoreError;
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
    /// The names of those that are told of all entries.
    pub destinations: Vec<String>,
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
        if let Err(error) = self.cut_older_than(keep).await {
            tracing::warn!(%error, "old audit records were not removed");
        }
    }

    async fn cut_older_than(&self, keep: Duration) -> Result<(), StoreError> {
        let now = self.clock.now();
        let told = self.told_everywhere().await?;
        let record = cut_record(now);
        while let Some(cut) = self.core.cut_audit(now.minus(keep), told, BATCH, &record).await? {
            tracing::info!(up_to = cut.sequence, "old audit records removed");
        }
        if self.destinations.is_empty() {
            return Ok(());
        }
        let (longest, record) = (keep.saturating_mul(2), record.with("not_exported", true));
        let before = now.minus(longest);
        while let Some(cut) = self.core.cut_audit(before, u64::MAX, BATCH, &record).await? {
            tracing::error!(
                up_to = cut.sequence,
                "old audit records removed that could not be exported for too long"
            );
        }
        Ok(())
    }

    /// Up to which number all destinations were told.
    async fn told_everywhere(&self) -> Result<u64, StoreError> {
        let mut told = u64::MAX;
        for destination in &self.destinations {
            told = told.min(self.core.audit_exported(destination).await?);
        }
        Ok(told)
    }
}

/// The record of a cut, to which the store adds what was cut.
fn cut_record(now: Timestamp) -> Record {
    Record::new(Kind::AuditCut, &By::system(now))
}

#[cfg(test)]
mod tests {
    use symbolon_core::audit::Entry;
    use tempfile::TempDir;

    use super::*;
    use crate::conformance::NOW;
    use crate::sessions::SessionsConfig;
    use crate::sqlite::SqliteStore;

    const DAY: Duration = Duration::from_hours(24);

    struct Later(Duration);

    impl Clock for Later {
        fn now(&self) -> Timestamp {
            NOW.plus(self.0)
        }
    }

    /// Of a log with five records of `NOW`, kept for a day, of which two were told.
    async fn upkeep(later: Duration) -> (Upkeep, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("symbolon.db").display());
        let store = Arc::new(SqliteStore::open(&url).await.unwrap());
        let core: Arc<dyn CoreStore> = store.clone();
        let records: Vec<_> =
            (0..5).map(|_| Record::new(Kind::Started, &By::system(NOW))).collect();
        core.record(&records).await.unwrap();
        core.set_audit_exported("file", 4).await.unwrap();
        core.set_audit_exported("syslog", 2).await.unwrap();
        let config = SessionsConfig { cache_entries: 1, touch_interval: DAY };
        let sessions = Sessions::open(core.clone(), store, config, NOW).await.unwrap();
        let upkeep = Upkeep {
            core,
            observer: Arc::default(),
            sessions,
            clock: Arc::new(Later(later)),
            keep: Some(DAY),
            destinations: vec!["file".to_owned(), "syslog".to_owned()],
        };
        (upkeep, folder)
    }

    async fn left(upkeep: &Upkeep) -> (Option<u64>, Vec<Entry>) {
        let page = upkeep.core.audit(0, Timestamp::default(), u32::MAX).await.unwrap();
        (page.cut.map(|cut| cut.sequence), page.entries)
    }

    #[tokio::test]
    async fn what_was_not_told_everywhere_is_kept_for_it() {
        let (upkeep, _folder) = upkeep(DAY * 2).await;
        upkeep.cut().await;
        let (cut, entries) = left(&upkeep).await;
        assert_eq!((cut, entries.len()), (Some(2), 4));
        assert!(!entries[3].record.detail.contains("not_exported"));
        upkeep.core.set_audit_exported("syslog", 4).await.unwrap();
        upkeep.cut().await;
        assert_eq!(left(&upkeep).await.0, Some(4));
    }

    #[tokio::test]
    async fn a_destination_that_is_away_for_too_long_loses_what_is_on_record() {
        let (upkeep, _folder) = upkeep(DAY * 2 + Duration::from_secs(1)).await;
        upkeep.cut().await;
        let (cut, entries) = left(&upkeep).await;
        assert_eq!(cut, Some(5));
        let detail = &entries[1].record.detail;
        assert!(
            detail.contains("\"not_exported\":true") && detail.contains("\"removed\":3"),
            "{detail}"
        );
    }
}
