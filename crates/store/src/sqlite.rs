//! The embedded back-end: SQLite, one process, one machine.
//!
//! 1. Two files. Core data are synchronised to the disk before they are acknowledged
//!    (`synchronous=FULL`) and survive the loss of power; sessions (`NORMAL`) survive the loss of
//!    the process, and a loss of power may cost the last of them, which logs somebody out.
//! 2. Each file has one writer, a task that groups commits, and a few readers.
//! 3. A lock file keeps other processes out: near cache and revocation log in memory are right
//!    only if nobody else writes.
//! 4. The verbs may be called from any runtime; the writers run on the one that opened the store.

mod columns;
mod core_store;
mod database;
mod failure;
mod location;
mod schema;
mod session_row;
mod session_store;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;

use sqlx::sqlite::SqliteSynchronous;

use crate::error::StoreError;
use database::Database;
use location::Location;

/// Both stores of one machine; clones share the files.
#[derive(Clone)]
pub struct SqliteStore {
    files: Arc<Files>,
}

struct Files {
    core: Database,
    sessions: Database,
}

impl SqliteStore {
    /// Opens `sqlite:PATH`, making files (mode 0600) and folder (0700) where there are none.
    ///
    /// Core data are at `PATH`, sessions beside it: `data/symbolon.db` and
    /// `data/symbolon.sessions.db`. [`StoreError::InUse`] when another process has them open.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let location = Location::parse(url)?;
        let lock = Arc::new(location.claim()?);
        let core =
            Database::open(&location.core, SqliteSynchronous::Full, &schema::CORE, lock.clone())
                .await?;
        let sessions =
            Database::open(&location.sessions, SqliteSynchronous::Normal, &schema::SESSIONS, lock)
                .await?;
        Ok(Self { files: Arc::new(Files { core, sessions }) })
    }

    /// Writes what is queued and lets go of the files. Verbs fail from then on.
    pub async fn close(&self) {
        self.files.core.close().await;
        self.files.sessions.close().await;
    }

    fn core(&self) -> &Database {
        &self.files.core
    }

    fn sessions(&self) -> &Database {
        &self.files.sessions
    }
}
