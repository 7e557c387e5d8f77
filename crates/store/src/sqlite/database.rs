//! One SQLite file: its writer, its readers, its settings.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Sqlite, SqliteConnection};

use super::failure::{exists_or_unavailable, unavailable};
use super::location::Lock;
use super::schema::{Prepare, Schema};
use super::writer::{Extent, Work, Writer};
use crate::error::StoreError;

/// Connections that read at the same time, each a thread of its own.
const READERS: u32 = 4;

/// How long a reader waits for one of them.
const READER_WAIT: Duration = Duration::from_secs(5);

/// How long a statement waits for a lock of the file; only a check-point can hold one, or the
/// writer of another process while the binary is being replaced.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The size in bytes to which the write-ahead log is cut back after it grew beyond.
const WAL_KEPT: &str = "67108864";

/// The pages of the write-ahead log after which they are moved into the file: the more, the less
/// often a page that changes all the time is written there.
const WAL_PAGES: &str = "4096";

/// The pages that the writer keeps in memory, in KiB as the minus says: of a large file, the
/// parts of the indexes that change.
const WRITER_CACHE: &str = "-16384";

/// One statement with its values, ready to be handed to the writer.
pub(super) type Statement = Query<'static, Sqlite, SqliteArguments>;

/// An open file.
pub(super) struct Database {
    writer: Writer,
    readers: SqlitePool,
}

impl Database {
    /// Opens a file and brings it to the newest schema.
    pub(super) async fn open(
        path: &Path,
        synchronous: SqliteSynchronous,
        (schema, prepare): (&'static Schema, Prepare),
        lock: Arc<Lock>,
    ) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(BUSY_WAIT)
            .pragma("journal_size_limit", WAL_KEPT)
            .pragma("wal_autocheckpoint", WAL_PAGES)
            .disable_statement_logging();
        let readers_options = options.clone().pragma("query_only", "ON");
        let options = options.pragma("cache_size", WRITER_CACHE);
        let unopened = |source| StoreError::Unopened { path: path.display().to_string(), source };
        let connected = options.connect().await;
        let mut connection = connected.map_err(|error| unopened(Box::new(error)))?;
        prepare(schema, &mut connection).await.map_err(|error| match error {
            StoreError::Unavailable(why) => unopened(why),
            other => other,
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(READER_WAIT)
            .idle_timeout(None)
            .max_lifetime(None)
            // A connection of this process to its own file does not go away.
            .test_before_acquire(false)
            .connect_lazy_with(readers_options);
        let writer = Writer::start(connection, options, lock);
        Ok(Self { writer, readers })
    }

    /// The connections to read with; they see everything that was acknowledged.
    pub(super) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Runs a job of many steps in the writer; [`Writer::write`] says what that promises.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
            + Send
            + 'static,
    {
        self.writer.write(Extent::Steps, Box::new(work)).await
    }

    /// Runs one statement in the writer; how many rows it changed.
    pub(super) async fn execute(&self, statement: Statement) -> Result<u64, StoreError> {
        let work: Work<_> = Box::new(|connection| {
            Box::pin(async {
                let done = statement.execute(connection).await.map_err(unavailable)?;
                Ok(done.rows_affected())
            })
        });
        self.writer.write(Extent::Statement, work).await
    }

    /// Runs one statement in the writer; the rows it returned.
    pub(super) async fn returning(
        &self,
        statement: Statement,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let work: Work<_> = Box::new(|connection| {
            Box::pin(async { statement.fetch_all(connection).await.map_err(unavailable) })
        });
        self.writer.write(Extent::Statement, work).await
    }

    /// Adds one row in the writer; [`StoreError::Exists`] when there is such a row.
    pub(super) async fn insert(
        &self,
        statement: Statement,
        what: &'static str,
        name: String,
    ) -> Result<(), StoreError> {
        let work: Work<_> = Box::new(move |connection| {
            Box::pin(async move {
                let outcome = statement.execute(connection).await;
                outcome.map(drop).map_err(|error| exists_or_unavailable(what, name, error))
            })
        });
        self.writer.write(Extent::Statement, work).await
    }

    /// How many jobs wait for the writer.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// Writes what is queued and closes the file.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
