//! What the process itself has to record: its start, its stop, and what became of a changed
//! configuration.

use std::sync::Arc;

use symbolon_core::audit::{By, Hash, Kind, Outcome, Record};
use symbolon_store::{Clock, CoreStore};

use crate::error_chain::chain;
use crate::services::Services;

/// Writes records of this process.
#[derive(Clone)]
pub(super) struct Journal {
    core: Arc<dyn CoreStore>,
    clock: Arc<dyn Clock>,
}

impl Journal {
    pub(super) fn of(services: &Services) -> Self {
        Self { core: Arc::clone(&services.core), clock: Arc::clone(&services.clock) }
    }

    /// This process serves.
    pub(super) async fn started(&self) {
        let record = self.record(Kind::Started).with("version", env!("CARGO_PKG_VERSION"));
        self.write(record.with("pid", std::process::id())).await;
    }

    /// It does not any more.
    pub(super) async fn stopped(&self, is_replaced: bool) {
        let record = self.record(Kind::Stopped).with("pid", std::process::id());
        self.write(record.with("replaced", is_replaced)).await;
    }

    /// A changed file holds.
    pub(super) async fn applied(&self, text: &str, needs_restart: &[&'static str]) {
        let record = self.record(Kind::ReloadApplied).with("file_sha256", sha256(text));
        self.write(record.with("needs_restart", needs_restart.to_vec())).await;
    }

    /// A changed file does not.
    pub(super) async fn refused(&self, text: &str, mistakes: usize) {
        let record = self.record(Kind::ReloadRefused).outcome(Outcome::Refused);
        self.write(record.with("file_sha256", sha256(text)).with("mistakes", mistakes)).await;
    }

    fn record(&self, kind: Kind) -> Record {
        Record::new(kind, &By::system(self.clock.now()))
    }

    async fn write(&self, record: Record) {
        if let Err(error) = self.core.record(std::slice::from_ref(&record)).await {
            tracing::error!(kind = %record.kind, error = %chain(&error), "not recorded");
        }
    }
}

fn sha256(text: &str) -> String {
    Hash::of(text.as_bytes()).to_string()
}
