//! The embedded back-end: SQLite, one process, one machine.
//!
//! 1. Two files. Core data are synchronised to the disk before they are acknowledged
//!    (`synchronous=FULL`) and survive the loss of power; sessions (`NORMAL`) survive the loss of
//!    the process, and a loss of power may cost the last of them, which logs somebody out.
//! 2. Each file has one writer, a task that groups commits, and a few readers.
//! 3. A lock file keeps other processes out: near cache and revocation log in memory are right
//!    only if nobody else writes. A process that is to take over is handed the lock itself, and
//!    both do without their memory ([`crate::Sessions::share`]).
//! 4. The verbs may be called from any runtime; the writers run on the one that opened the store.

mod account_changes;
mod attempts;
mod audit;
mod client_store;
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
mod users;
mod writer;

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Weak};

use sqlx::sqlite::SqliteSynchronous;

use crate::error::StoreError;
use account_changes::AccountChanges;
use database::Database;
use location::{Location, Lock};
use schema::{Prepare, Schema};

pub use users::Alone;

/// Both stores of one machine; clones share the files.
#[derive(Clone)]
pub struct SqliteStore {
    files: Arc<Files>,
}

struct Files {
    core: Database,
    sessions: Database,
    accounts: AccountChanges,
    /// Held by the writers.
    lock: Weak<Lock>,
}

impl SqliteStore {
    /// Opens `sqlite:PATH`, making files (mode 0600) and folder (0700) where there are none.
    ///
    /// Core data are at `PATH`, sessions beside it: `data/symbolon.db` and
    /// `data/symbolon.sessions.db`. [`StoreError::InUse`] when another process has them open.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let location = Location::parse(url)?;
        let lock = location.claim()?;
        Self::open_at(&location, lock, Schema::upgrade).await
    }

    /// Opens what another process has open, with the lock that it has handed over
    /// ([`SqliteStore::share_lock`]). The files must have the newest form already: it cannot be
    /// changed beneath that process.
    pub async fn open_shared(url: &str, lock: OwnedFd) -> Result<Self, StoreError> {
        let location = Location::parse(url)?;
        let lock = location.share(lock)?;
        Self::open_at(&location, lock, Schema::insist).await
    }

    async fn open_at(
        location: &Location,
        lock: Lock,
        prepare: Prepare,
    ) -> Result<Self, StoreError> {
        let lock = Arc::new(lock);
        let held = Arc::downgrade(&lock);
        let (core, sessions) = (&location.core, &location.sessions);
        let (full, normal) = (SqliteSynchronous::Full, SqliteSynchronous::Normal);
        let core = Database::open(core, full, (&schema::CORE, prepare), lock.clone()).await?;
        let sessions = Database::open(sessions, normal, (&schema::SESSIONS, prepare), lock).await?;
        Ok(Self {
            files: Arc::new(Files {
                core,
                sessions,
                accounts: AccountChanges::default(),
                lock: held,
            }),
        })
    }

    /// The lock of the files, to be handed to a process that is to have them open as well.
    pub fn share_lock(&self) -> io::Result<OwnedFd> {
        let lock = self.files.lock.upgrade().ok_or(io::ErrorKind::NotConnected)?;
        lock.share()
    }

    /// Proof that no other process has the files open; `None` where one has.
    pub fn alone(&self) -> Result<Option<Alone>, StoreError> {
        let lock = self.files.lock.upgrade().ok_or(io::ErrorKind::NotConnected);
        let alone = lock.map_err(io::Error::from).and_then(Alone::prove);
        alone.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    /// Writes what is queued and lets go of the files. Verbs fail from then on.
    pub async fn close(&self) {
        self.files.core.close().await;
        self.files.sessions.close().await;
    }

    /// How many jobs wait for the writer of the core data.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.core().waiting()
    }

    fn core(&self) -> &Database {
        &self.files.core
    }

    fn sessions(&self) -> &Database {
        &self.files.sessions
    }
}
