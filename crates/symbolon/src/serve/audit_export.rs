//! Tells the audit log to a file or a log service, record by record, as lines of JSON.
//!
//! 1. What is told is what is in the log, in its order: the log is read from where the last turn
//!    came to, which is kept in the store. Over a crash a record may be told twice, and none is
//!    left out.
//! 2. Where the destination does not take a batch, it is tried again in the next turn. A file has
//!    taken it when it is on the disk. A record that is too long for a datagram is told by its number
//!    and its hash.
//! 3. While another process has the store as well, nothing is told: both would tell it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use symbolon_core::Timestamp;
use symbolon_gateway::LineSink;
use symbolon_gateway::config::access_log::Destination;
use symbolon_store::audit::Entry;
use symbolon_store::{CoreStore, Sessions, StoreError};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::error_chain::chain;
use crate::services::Services;

/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(500);

/// The most records in one batch.
const BATCH: u32 = 1000;

/// One destination.
pub(super) struct Export {
    name: String,
    destination: Destination,
    core: Arc<dyn CoreStore>,
    sessions: Arc<Sessions>,
    sink: Option<LineSink>,
    /// Whether the log has said that it does not work.
    has_failed: bool,
}

impl Export {
    pub(super) fn new(name: String, destination: Destination, services: &Services) -> Self {
        let (core, sessions) = (Arc::clone(&services.core), Arc::clone(&services.sessions));
        Self { name, destination, core, sessions, sink: None, has_failed: false }
    }

    /// Tells until `shutdown` turns true, and then what is left.
    pub(super) async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        let mut stopped = pin!(async { drop(shutdown.wait_for(|stop| *stop).await) });
        let mut turn = interval(EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_last = false;
        while !is_last {
            tokio::select! {
                _ = turn.tick() => {}
                () = &mut stopped => is_last = true,
            }
            if !self.sessions.is_shared() {
                self.turn().await;
            }
        }
    }

    async fn turn(&mut self) {
        loop {
            match self.tell_batch().await {
                Ok(Some(count)) => {
                    self.has_failed = false;
                    if count < BATCH as usize {
                        return;
                    }
                }
                Ok(None) => return self.fail("it was not taken"),
                Err(error) => return self.fail(&chain(&error)),
            }
        }
    }

    /// How many were told; `None` where they were not taken.
    async fn tell_batch(&mut self) -> Result<Option<usize>, StoreError> {
        let told = self.core.audit_exported(&self.name).await?;
        let page = self.core.audit(told, Timestamp::default(), BATCH).await?;
        let (count, Some(last)) = (page.entries.len(), page.entries.last()) else {
            return Ok(Some(0));
        };
        let last = last.sequence;
        if !self.write(page.entries).await {
            return Ok(None);
        }
        self.core.set_audit_exported(&self.name, last).await?;
        Ok(Some(count))
    }

    async fn write(&mut self, entries: Vec<Entry>) -> bool {
        let (sink, destination) = (self.sink.take(), self.destination.clone());
        let written = spawn_blocking(move || {
            let mut sink = match sink {
                Some(sink) => sink,
                None => LineSink::open(&destination, "audit", shortened).ok().flatten()?,
            };
            let lines: Vec<_> =
                entries.iter().map(|entry| (entry.record.at, entry.to_line())).collect();
            let is_taken = sink.write(lines.iter().map(|(at, line)| (*at, line.as_str())));
            is_taken.then_some(sink)
        });
        self.sink = written.await.ok().flatten();
        self.sink.is_some()
    }

    /// Says so once, until it works again.
    fn fail(&mut self, why: &str) {
        if !self.has_failed {
            tracing::error!(to = self.name, why, "the audit log cannot be exported, tried again");
        }
        self.has_failed = true;
    }
}

/// What is told of a record that does not fit into a datagram.
fn shortened(line: &str) -> String {
    let told = match Entry::from_line(line) {
        Ok(entry) => json!({
            "sequence": entry.sequence,
            "hash": entry.hash.to_string(),
            "too_long": line.len(),
        }),
        Err(_) => json!({ "too_long": line.len() }),
    };
    told.to_string()
}

#[cfg(test)]
mod tests {
    use symbolon_store::audit::{By, Hash, Kind, Record};

    use super::*;

    #[test]
    fn what_is_too_long_is_told_by_its_number_and_hash() {
        let record = Record::new(Kind::ClientChanged, &By::system(Timestamp::default()));
        let record = record.with("scopes", vec!["scope"; 20_000]);
        let entry = Entry::seal(7, Hash::default(), record);
        let line = entry.to_line();
        let told: serde_json::Value = serde_json::from_str(&shortened(&line)).unwrap();
        let hash = entry.hash.to_string();
        assert_eq!(told, json!({ "sequence": 7, "hash": hash, "too_long": line.len() }));
    }
}
