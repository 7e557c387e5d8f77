//! The one writer of a file, and the commit it shares among whoever is waiting.
//!
//! 1. All writes of a file go through one task, so no two transactions of a process ever meet;
//!    one of another process is waited for (`BEGIN IMMEDIATE`).
//! 2. The task takes what is queued, runs it in one transaction, commits, and only then answers:
//!    one synchronisation of the disk acknowledges many writes.
//! 3. A job that fails is undone alone: the engine undoes one statement, a savepoint many steps.
//! 4. A job that was taken into the queue runs, whether or not its caller still waits.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::{Notify, mpsc, oneshot};

use super::location::Lock;
use crate::error::StoreError;

/// The most jobs that may wait; more are refused with [`StoreError::Overloaded`].
const QUEUE: usize = 4096;

/// The most jobs that share a commit, so that the first of them does not wait long.
const BATCH: usize = 256;

/// What a job does with the connection.
pub(super) type Work<T> = Box<
    dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send,
>;

/// How a job that fails is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// It is one statement, of which nothing remains when it fails.
    Statement,
    /// It may fail halfway, and is taken back to a savepoint.
    Steps,
}

/// Hands jobs to the task.
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    stop: Arc<Notify>,
    stopped: tokio::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Writer {
    /// Starts the task on the current runtime; it holds the lock until it ends.
    pub(super) fn start(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        lock: Arc<Lock>,
    ) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let stop = Arc::new(Notify::new());
        let task =
            Task { jobs, stop: stop.clone(), connection: Some(connection), options, _lock: lock };
        let stopped = tokio::sync::Mutex::new(Some(tokio::spawn(task.run())));
        Self { queue, stop, stopped }
    }

    /// Runs one job; its outcome is durable as the file's `synchronous` says when this returns.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        extent: Extent,
        work: Work<T>,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Write { extent, work: Some(work), outcome: None, reply };
        self.queue.try_send(Box::new(job)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// How many jobs wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Takes no more jobs, finishes those that are queued, and closes the file.
    pub(super) async fn close(&self) {
        self.stop.notify_one();
        let task = self.stopped.lock().await.take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "writer of the store did not end well");
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("store is closed".into())
}

/// A job without its type.
trait Job: Send {
    /// How it is undone.
    fn extent(&self) -> Extent;
    /// Does the work and keeps the outcome; whether it went well.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;
    /// Tells the outcome, which counts only if the commit went well.
    fn answer(self: Box<Self>, committed: Result<(), Arc<sqlx::Error>>);
}

struct Write<T> {
    extent: Extent,
    work: Option<Work<T>>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send> Job for Write<T> {
    fn extent(&self) -> Extent {
        self.extent
    }

    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let outcome = work(connection).await;
            let went_well = outcome.is_ok();
            self.outcome = Some(outcome);
            went_well
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), Arc<sqlx::Error>>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(StoreError::Unavailable(Box::new(error))),
            (None, Ok(())) => Err(closed()),
        };
        // Nobody waits any more: that is their right, and the work is done all the same.
        drop(self.reply.send(answer));
    }
}

struct Task {
    jobs: mpsc::Receiver<Box<dyn Job>>,
    stop: Arc<Notify>,
    connection: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    _lock: Arc<Lock>,
}

impl Task {
    async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                taken = self.jobs.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                    let committed = self.commit(&mut batch).await.map_err(Arc::new);
                    for job in batch.drain(..) {
                        job.answer(committed.clone());
                    }
                }
                () = self.stop.notified() => self.jobs.close(),
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "store was not closed cleanly");
        }
    }

    /// All jobs in one transaction. After a failure nothing of it remains: the connection is
    /// given up, which rolls back, and the next batch opens another.
    async fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> sqlx::Result<()> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let outcome = transact(&mut connection, batch).await;
        match &outcome {
            Ok(()) => self.connection = Some(connection),
            Err(error) => {
                tracing::error!(%error, jobs = batch.len(), "store could not commit");
                drop(connection.close_hard().await);
            }
        }
        outcome
    }
}

async fn transact(
    connection: &mut SqliteConnection,
    batch: &mut [Box<dyn Job>],
) -> sqlx::Result<()> {
    execute(connection, "BEGIN IMMEDIATE").await?;
    execute(connection, "SAVEPOINT job").await?;
    for job in batch {
        if job.extent() == Extent::Steps {
            move_savepoint(connection).await?;
        }
        if job.run(connection).await {
            continue;
        }
        // Where the engine has given up the whole transaction (a full disk), the savepoint is
        // gone too; either way of asking for it then fails the batch.
        match job.extent() {
            Extent::Statement => move_savepoint(connection).await?,
            Extent::Steps => execute(connection, "ROLLBACK TO job").await?,
        }
    }
    execute(connection, "COMMIT").await
}

/// Each statement asks the engine's thread and waits, so the one savepoint is moved only for who
/// needs it.
async fn move_savepoint(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    execute(connection, "RELEASE job").await?;
    execute(connection, "SAVEPOINT job").await
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) -> sqlx::Result<()> {
    sqlx::query(sql).execute(connection).await.map(drop)
}
