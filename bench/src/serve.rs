//! A very small HTTP/1.1 server for keep-alive connections, one thread.
//!
//! It does no more than the measurement needs: no pipelining, no chunked request bodies, no limits
//! but one. It listens on the loopback address only.

pub(crate) mod auth_server;
mod echo;
pub(crate) mod upstream;

use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::pinned::loopback;

/// The largest request head that is read.
const LARGEST_HEAD: usize = 16 * 1024;
/// Of a request body, read at once at most.
const LARGEST_PIECE: usize = 256 * 1024;
/// The end of a head.
const END: &[u8] = b"\r\n\r\n";

/// What is done about a request.
pub(crate) enum Reply {
    /// These octets are sent.
    Octets(Bytes),
    /// They are sent when a body of this length has come.
    AfterBody(usize, Bytes),
    /// They are sent, and from then on every WebSocket message comes back.
    Echo(Bytes),
}

/// Does on `port` about every request what `reply` makes of its head.
pub(crate) async fn forever<A>(port: u16, reply: A) -> Result<()>
where
    A: Fn(&[u8]) -> Reply + Send + Sync + 'static,
{
    let reply = Arc::new(reply);
    let listener = TcpListener::bind(loopback(port)).await.context("cannot listen")?;
    loop {
        let (connection, _) = listener.accept().await.context("cannot accept")?;
        connection.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let reply = Arc::clone(&reply);
        // A connection that breaks concerns nobody else.
        tokio::spawn(async move { converse(connection, &*reply).await });
    }
}

async fn converse<A>(mut connection: TcpStream, reply: &A) -> Result<()>
where
    A: Fn(&[u8]) -> Reply,
{
    let mut buffer = Vec::with_capacity(LARGEST_HEAD);
    loop {
        if connection.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
        let Some(end) = end_of_head(&buffer) else {
            if buffer.len() > LARGEST_HEAD {
                return Ok(());
            }
            continue;
        };
        match reply(buffer.get(..end).unwrap_or_default()) {
            Reply::Octets(octets) => connection.write_all(&octets).await?,
            Reply::AfterBody(length, octets) => {
                let left = length.saturating_sub(buffer.len() - end);
                pass_over(&mut connection, left).await?;
                connection.write_all(&octets).await?;
            }
            Reply::Echo(octets) => {
                connection.write_all(&octets).await?;
                return echo::forever(connection).await;
            }
        }
        buffer.clear();
    }
}

/// Where the body begins, if the head is whole.
fn end_of_head(octets: &[u8]) -> Option<usize> {
    if octets.ends_with(END) && octets.starts_with(b"GET ") {
        return Some(octets.len());
    }
    memmem::find(octets, END).map(|at| at + END.len())
}

/// Reads so many octets and forgets them.
async fn pass_over(connection: &mut TcpStream, mut left: usize) -> Result<()> {
    let mut buffer = vec![0; left.min(LARGEST_PIECE)];
    while left > 0 {
        let room = buffer.get_mut(..left.min(LARGEST_PIECE)).unwrap_or_default();
        let read = connection.read(room).await?;
        anyhow::ensure!(read > 0, "the body was cut off");
        left -= read;
    }
    Ok(())
}

/// A response with a body of JSON or text and perhaps one more header line.
fn response(status: &str, header_line: &str, body: &str) -> Bytes {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{header_line}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::end_of_head;

    #[test]
    fn a_body_may_follow_the_head_at_once() {
        assert_eq!(end_of_head(b"POST / HTTP/1.1\r\n\r\nbody\r\n\r\n"), Some(19));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\r\n"), None);
    }
}
