//! A very small HTTP/1.1 server for bodiless requests on keep-alive connections, one thread.
//!
//! It does no more than the measurement needs: no pipelining, no request bodies, no limits but
//! one. It listens on the loopback address only.

pub(crate) mod auth_server;
pub(crate) mod upstream;

use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::pinned::loopback;

/// The largest request head that is read.
const LARGEST_HEAD: usize = 16 * 1024;

/// Answers every request on `port` with what `answer` makes of its head.
pub(crate) async fn forever<A>(port: u16, answer: A) -> Result<()>
where
    A: Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static,
{
    let answer = Arc::new(answer);
    let listener = TcpListener::bind(loopback(port)).await.context("cannot listen")?;
    loop {
        let (connection, _) = listener.accept().await.context("cannot accept")?;
        connection.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let answer = Arc::clone(&answer);
        // A connection that breaks concerns nobody else.
        tokio::spawn(async move { converse(connection, &*answer).await });
    }
}

async fn converse<A>(mut connection: TcpStream, answer: &A) -> Result<()>
where
    A: Fn(&[u8]) -> Vec<u8>,
{
    let mut head = Vec::with_capacity(LARGEST_HEAD);
    loop {
        if connection.read_buf(&mut head).await? == 0 || head.len() > LARGEST_HEAD {
            return Ok(());
        }
        if head.ends_with(b"\r\n\r\n") {
            connection.write_all(&answer(&head)).await?;
            head.clear();
        }
    }
}

/// A response with a body of JSON or text and perhaps one more header line.
fn response(status: &str, header_line: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{header_line}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
