//! The process that replaces this one, as this one sees it.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::process::{Child, ExitStatus};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};

use super::{FORM, GO, Parcel, Program, READY, SERVING, VARIABLE};

/// The longest wait until a new process is ready.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// The longest wait for each of the other steps.
const STEP_WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked whether one that fails has ended, and how many times.
const LOOK_EVERY: Duration = Duration::from_millis(10);
const LOOKS: usize = 100;

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

/// A process that has not served yet; dropped, it is ended.
struct Starting(Option<Child>);

impl Successor {
    /// Starts the program, hands it the parcel, and waits until it serves. Where that comes to
    /// nothing, or is not waited for, the new process is gone.
    pub(crate) async fn start(program: &Program, parcel: Parcel) -> Result<Self, UpgradeError> {
        let (own, theirs) = StdUnixStream::pair().map_err(UpgradeError::HandOver)?;
        // Closed after the process was ended, which would otherwise take us for gone and begin.
        let _open = own.try_clone().map_err(UpgradeError::HandOver)?;
        let spawned = program.command().stdin(OwnedFd::from(theirs)).env(VARIABLE, FORM).spawn();
        let child = spawned.map_err(|source| UpgradeError::Start {
            path: program.path().display().to_string(),
            source,
        })?;
        let id = child.id();
        let mut starting = Starting(Some(child));
        tracing::info!(pid = id, program = %program.path().display(), "new process started");
        let outcome = introduce(own, parcel).await;
        match outcome {
            Ok(stream) => {
                starting.0 = None;
                Ok(Self { id, stream })
            }
            Err(error) => Err(starting.fail(error).await),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Waits for its end. Nothing is lost when this is dropped while it waits.
    pub(crate) async fn ended(&mut self) {
        let mut nothing = [0];
        while matches!(self.stream.read(&mut nothing).await, Ok(1)) {}
    }
}

async fn introduce(own: StdUnixStream, parcel: Parcel) -> Result<UnixStream, UpgradeError> {
    own.set_write_timeout(Some(STEP_WITHIN)).map_err(UpgradeError::HandOver)?;
    let handed = tokio::task::spawn_blocking(move || parcel.send(&own).map(|()| own)).await;
    let own = handed.map_err(io::Error::other).flatten().map_err(UpgradeError::HandOver)?;
    own.set_nonblocking(true).map_err(UpgradeError::HandOver)?;
    let mut stream = UnixStream::from_std(own).map_err(UpgradeError::HandOver)?;
    expect(&mut stream, READY, READY_WITHIN).await?;
    stream.write_all(&[GO]).await.map_err(UpgradeError::HandOver)?;
    expect(&mut stream, SERVING, STEP_WITHIN).await?;
    Ok(stream)
}

async fn expect(stream: &mut UnixStream, what: u8, within: Duration) -> Result<(), UpgradeError> {
    match timeout(within, stream.read_u8()).await {
        Ok(Ok(said)) if said == what => Ok(()),
        Ok(Ok(_)) => Err(UpgradeError::Unknown),
        Ok(Err(error)) => Err(UpgradeError::HandOver(error)),
        Err(_) => Err(UpgradeError::Late(within)),
    }
}

impl Starting {
    /// Ends the process; where it has ended by itself, that is the better reason.
    async fn fail(mut self, error: UpgradeError) -> UpgradeError {
        if matches!(error, UpgradeError::HandOver(_)) {
            for _ in 0..LOOKS {
                if let Some(child) = &mut self.0
                    && let Ok(Some(status)) = child.try_wait()
                {
                    return UpgradeError::Ended(status);
                }
                sleep(LOOK_EVERY).await;
            }
        }
        error
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended by itself already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn humane(span: Duration) -> String {
    format!("{} s", span.as_secs())
}
