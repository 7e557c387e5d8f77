//! The form of commands and answers on the control socket: one line of JSON each.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use super::Reply;

/// The longest command, in bytes: a password and some roles.
pub(super) const MAX_COMMAND_BYTES: u64 = 64 * 1024;
/// The longest answer, in bytes: a list of thousands of rows.
pub(super) const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;

/// What the server says to a command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Reply(Reply),
    /// Why it was not done, as it is told to the operator.
    Refused(String),
}

pub(super) async fn write<T: Serialize>(stream: &mut UnixStream, message: &T) -> io::Result<()> {
    let mut line = Zeroizing::new(serde_json::to_vec(message)?);
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.flush().await
}

/// Reads one line of at most `limit` bytes.
pub(super) async fn read<T: DeserializeOwned>(
    stream: &mut UnixStream,
    limit: u64,
) -> io::Result<T> {
    let mut line = Zeroizing::new(Vec::new());
    BufReader::new(stream).take(limit).read_until(b'\n', &mut line).await?;
    Ok(serde_json::from_slice(&line)?)
}
