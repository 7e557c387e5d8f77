//! Who had this process's place before it, and who is to have it after.

use std::future::{Future, pending};
use std::io;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use symbolon_store::{Clients, Passwords, Sessions, SqliteStore, StoreError};
use tokio::time::sleep;

use crate::error_chain::chain;
use crate::upgrade::{Parcel, Predecessor, Program, Successor, UpgradeError};

/// How long until the store is asked again where it could not be made this process's own.
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// Which program may take this process's place.
#[derive(Debug)]
pub(super) enum Replaceable {
    /// This one, where it is known.
    By(Option<Program>),
    /// None: this is the demo.
    Never,
}

/// See the module.
pub(super) struct Succession {
    replaceable: Replaceable,
    sessions: Arc<Sessions>,
    passwords: Arc<Passwords>,
    clients: Arc<Clients>,
    store: SqliteStore,
    /// Those that may live still.
    predecessors: Vec<Predecessor>,
    starting: Option<Starting>,
}

type Starting = Pin<Box<dyn Future<Output = Result<Successor, UpgradeError>>>>;

/// What this process remembers of the store, and another one may change meanwhile.
pub(super) struct Memories {
    pub(super) sessions: Arc<Sessions>,
    pub(super) clients: Arc<Clients>,
    pub(super) passwords: Arc<Passwords>,
}

impl Succession {
    pub(super) fn new(
        replaceable: Replaceable,
        predecessors: Vec<Predecessor>,
        memories: Memories,
        store: SqliteStore,
    ) -> Self {
        let Memories { sessions, clients, passwords } = memories;
        Self { replaceable, sessions, clients, passwords, store, predecessors, starting: None }
    }

    /// Streams that tell of the processes that still drain.
    pub(super) fn predecessors(&self) -> io::Result<Vec<UnixStream>> {
        self.predecessors.iter().map(Predecessor::share).collect()
    }

    /// Begins to replace this process, unless that goes on already.
    pub(super) fn begin(&mut self, parcel: io::Result<Parcel>) {
        if self.starting.is_some() {
            tracing::warn!("asked again: a new process is being started already");
            return;
        }
        tracing::info!("replacing the binary");
        let program = self.program();
        let (sessions, passwords) = (Arc::clone(&self.sessions), Arc::clone(&self.passwords));
        self.starting = Some(Box::pin(async move {
            let (program, parcel) = (program?, parcel.map_err(UpgradeError::HandOver)?);
            sessions.share().await?;
            // So that whoever guesses does not begin afresh with the new process.
            passwords.save().await?;
            Successor::start(&program, parcel).await
        }));
    }

    /// Ends a process that does not serve yet.
    pub(super) fn give_up(&mut self) {
        if self.starting.take().is_some() {
            tracing::warn!("the new process is not waited for");
        }
    }

    /// Waits for the process that replaces this one. Meanwhile, as soon as this process is alone
    /// with the store, it answers from memory again. Nothing is lost when this is dropped.
    pub(super) async fn successor(&mut self) -> Successor {
        loop {
            if let Some(starting) = &mut self.starting {
                let outcome = starting.await;
                self.starting = None;
                match outcome {
                    Ok(successor) => return successor,
                    Err(error) => {
                        let error = chain(&error);
                        tracing::error!(%error, "not replaced, this process serves on");
                    }
                }
            }
            self.be_alone().await;
            pending::<()>().await;
        }
    }

    async fn be_alone(&mut self) {
        while let Some(last) = self.predecessors.last_mut() {
            last.ended().await;
            self.predecessors.pop();
            tracing::info!(left = self.predecessors.len(), "a replaced process has ended");
        }
        let mut is_told = false;
        while self.sessions.is_shared() {
            match self.unshare().await {
                Ok(true) => {
                    tracing::info!("alone with the store");
                    return;
                }
                Ok(false) if is_told => {}
                Ok(false) => tracing::warn!("another process has the store still"),
                Err(error) => tracing::warn!(error = %chain(&error), "cannot read the store"),
            }
            is_told = true;
            sleep(TRY_AGAIN).await;
        }
    }

    /// Whether this process is alone with the store: the kernel's word, since whoever has let go
    /// of the way to this process may live all the same.
    async fn unshare(&self) -> Result<bool, StoreError> {
        let Some(alone) = self.store.alone()? else { return Ok(false) };
        // The last word of whoever is gone, before requests stop asking for it.
        self.clients.catch_up().await?;
        self.sessions.unshare(&alone).await?;
        Ok(true)
    }

    fn program(&self) -> Result<Program, UpgradeError> {
        match &self.replaceable {
            Replaceable::Never => Err(UpgradeError::Demo),
            Replaceable::By(_) if std::process::id() == 1 => Err(UpgradeError::FirstProcess),
            Replaceable::By(program) => program.clone().ok_or(UpgradeError::NoProgram),
        }
    }
}
