//! The process that this one replaces, as this one sees it.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::{FORM, GO, NO, Parcel, READY, SERVING, VARIABLE};
use crate::config::environment;

/// The longest wait for a piece of the parcel.
const PARCEL_WITHIN: Duration = Duration::from_secs(10);

/// What a process that replaces another one begins with.
#[derive(Debug)]
pub(crate) struct Inheritance {
    pub(crate) parcel: Parcel,
    stream: StdUnixStream,
}

/// A process that was replaced and lives on until it has drained. It holds the other end of the
/// stream and says nothing more; that it is gone is told by the system.
#[derive(Debug)]
pub(crate) struct Predecessor(UnixStream);

/// Why this process cannot take another's place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeetError {
    #[error("the running process hands over in form `{0}`, which this version does not know")]
    Form(String),
    #[error("cannot take over from the running process")]
    Io(#[from] io::Error),
    #[error("the running process serves on without this one")]
    Refused,
    #[error("the running process said what this version does not know")]
    Unknown,
}

impl Inheritance {
    /// What this process was handed; `None` where it replaces nobody. To be called once, before
    /// standard input is used.
    pub(crate) fn of_this_process() -> Result<Option<Self>, MeetError> {
        let Some(form) = environment(VARIABLE) else { return Ok(None) };
        if form != FORM {
            return Err(MeetError::Form(form));
        }
        let stream = StdUnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        // The stream must not look open when this process has let go of it.
        rustix::stdio::dup2_stdin(File::open("/dev/null")?).map_err(io::Error::from)?;
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PARCEL_WITHIN))?;
        let parcel = Parcel::receive(&stream)?;
        Ok(Some(Self { parcel, stream }))
    }

    /// What was handed over, and the way to the process that did.
    pub(crate) fn into_parts(self) -> (Parcel, StdUnixStream) {
        (self.parcel, self.stream)
    }
}

impl Predecessor {
    /// The process on the other end.
    pub(crate) fn new(stream: StdUnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream).map(Self)
    }

    /// Says that this process is ready and waits until it may begin. Where that is never said, it
    /// may not: the other one may be serving still, or another one in its place.
    pub(crate) async fn ready(&mut self) -> Result<(), MeetError> {
        let [first, second, third, fourth] = std::process::id().to_be_bytes();
        self.0.write_all(&[READY, first, second, third, fourth]).await?;
        match self.0.read_u8().await? {
            GO => Ok(()),
            NO => Err(MeetError::Refused),
            _ => Err(MeetError::Unknown),
        }
    }

    /// Says that requests are answered here.
    pub(crate) async fn serving(&mut self) {
        if let Err(error) = self.0.write_all(&[SERVING]).await {
            tracing::warn!(%error, "the replaced process is gone");
        }
    }

    /// Waits for its end. Nothing is lost when this is dropped while it waits.
    pub(crate) async fn ended(&mut self) {
        let mut nothing = [0];
        // An error means as well that nobody is there any more.
        while matches!(self.0.read(&mut nothing).await, Ok(1)) {}
    }

    /// Another descriptor of the same stream, for the next process.
    pub(crate) fn share(&self) -> io::Result<StdUnixStream> {
        Ok(self.0.as_fd().try_clone_to_owned()?.into())
    }
}
