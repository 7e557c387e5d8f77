//! The process that replaces this one, as this one sees it.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::starting::Starting;
use super::{FORM, GO, Parcel, Program, READY, SERVING, VARIABLE};

/// The longest wait until a new process is ready.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// The longest wait for each of the other steps.
const STEP_WITHIN: Duration = Duration::from_secs(10);

/// A process that answers requests in this one's place.
#[derive(Debug)]
pub(crate) struct Successor {
    id: u32,
    stream: UnixStream,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpgradeError {
    #[error("process 1 cannot be replaced: with it the container would end")]
    FirstProcess,
    #[error("the demo cannot be replaced")]
    Demo,
    #[error("cannot tell which program this one was started from")]
    NoProgram,
    #[error("cannot prepare the store")]
    Store(#[from] symbolon_store::StoreError),
    #[error("cannot hand over")]
    HandOver(#[source] io::Error),
    #[error("cannot start `{path}`")]
    Start {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("the new process ended before it served: {0}")]
    Ended(ExitStatus),
    #[error("the new process was not ready within {}", humane(*.0))]
    Late(Duration),
    #[error("the new process said what this version does not know")]
    Unknown,
}

impl Successor {
    /// Starts the program, hands it the parcel, and waits until it serves. Where that comes to
    /// nothing, or is not waited for, the new process is ended.
    pub(crate) async fn start(program: &Program, parcel: Parcel) -> Result<Self, UpgradeError> {
        let (own, theirs) = StdUnixStream::pair().map_err(UpgradeError::HandOver)?;
        let way = own.try_clone().map_err(UpgradeError::HandOver)?;
        let mut command = program.command();
        command.stdin(OwnedFd::from(theirs)).env(VARIABLE, FORM);
        let starting = Starting::spawn(command, way);
        let mut starting = starting.map_err(|source| UpgradeError::Start {
            path: program.path().display().to_string(),
            source,
        })?;
        let (pid, program) = (starting.id(), program.path().display());
        tracing::info!(pid, %program, "new process started");
        match introduce(&mut starting, own, parcel).await {
            Ok((id, stream)) => {
                starting.succeed();
                Ok(Self { id, stream })
            }
            Err(error @ UpgradeError::HandOver(_)) => {
                // Where it has ended by itself, that is the better reason.
                let ended = starting.ended().await;
                Err(ended.map_or(error, UpgradeError::Ended))
            }
            Err(error) => Err(error),
        }
    }

    /// The number of the process that serves, which need not be the one that was started.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Waits for its end. Nothing is lost when this is dropped while it waits.
    pub(crate) async fn ended(&mut self) {
        let mut nothing = [0];
        while matches!(self.stream.read(&mut nothing).await, Ok(1)) {}
    }
}

async fn introduce(
    starting: &mut Starting,
    own: StdUnixStream,
    parcel: Parcel,
) -> Result<(u32, UnixStream), UpgradeError> {
    own.set_write_timeout(Some(STEP_WITHIN)).map_err(UpgradeError::HandOver)?;
    let handed = tokio::task::spawn_blocking(move || parcel.send(&own).map(|()| own)).await;
    let own = handed.map_err(io::Error::other).flatten().map_err(UpgradeError::HandOver)?;
    own.set_nonblocking(true).map_err(UpgradeError::HandOver)?;
    let mut stream = UnixStream::from_std(own).map_err(UpgradeError::HandOver)?;
    expect(&mut stream, READY, READY_WITHIN).await?;
    let id = within(STEP_WITHIN, stream.read_u32()).await?;
    // Before it is said: what is told to go may serve from that moment.
    starting.may_serve(id);
    stream.write_all(&[GO]).await.map_err(UpgradeError::HandOver)?;
    expect(&mut stream, SERVING, STEP_WITHIN).await?;
    Ok((id, stream))
}

async fn expect(stream: &mut UnixStream, what: u8, limit: Duration) -> Result<(), UpgradeError> {
    let said = within(limit, stream.read_u8()).await?;
    if said == what { Ok(()) } else { Err(UpgradeError::Unknown) }
}

async fn within<T>(
    limit: Duration,
    read: impl Future<Output = io::Result<T>>,
) -> Result<T, UpgradeError> {
    let said = timeout(limit, read).await.map_err(|_| UpgradeError::Late(limit))?;
    said.map_err(UpgradeError::HandOver)
}

fn humane(span: Duration) -> String {
    format!("{} s", span.as_secs())
}
