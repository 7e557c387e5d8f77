//! Sends a command to the server that holds the store.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::timeout;

use super::wire::{self, Answer, MAX_ANSWER_BYTES};
use super::{Command, Reply};

/// The longest wait for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// Nobody listens there: the store is held by something else than a server.
    #[error("the store is in use by another process, and no server answers on `{path}`")]
    NoServer {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The connection broke; the command may or may not have been carried out.
    #[error("the server did not answer")]
    Broken(#[source] io::Error),
    /// The server did not do it.
    #[error("{0}")]
    Refused(String),
}

/// Sends a command and waits for what came of it.
pub(crate) async fn send(socket: &Path, command: &Command) -> Result<Reply, SendError> {
    let mut stream = UnixStream::connect(socket)
        .await
        .map_err(|source| SendError::NoServer { path: socket.to_owned(), source })?;
    let exchange = async {
        wire::write(&mut stream, command).await?;
        wire::read(&mut stream, MAX_ANSWER_BYTES).await
    };
    let answer =
        timeout(ANSWER_TIMEOUT, exchange).await.unwrap_or_else(|elapsed| Err(elapsed.into()));
    match answer.map_err(SendError::Broken)? {
        Answer::Reply(reply) => Ok(reply),
        Answer::Refused(reason) => Err(SendError::Refused(reason)),
    }
}
