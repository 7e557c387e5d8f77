//! Messages through an open WebSocket, each echoed by the upstream.

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{client::Client, connection};
use crate::{
    websocket::{KEY, accept, frame, parse},
    workload::{MESSAGE, PATH},
};

/// More than an answer to the upgrade and more than a frame.
const BUFFER: usize = 2 * 1024;

/// An open WebSocket.
pub(super) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    message: Vec<u8>,
    sent: Vec<u8>,
}

impl Socket {
    /// Connects and upgrades.
    pub(super) async fn open(port: u16) -> Result<Self> {
        let mut stream = connection::connect(port).await?;
        let request = format!(
            "GET {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.context("cannot send")?;
        let mut buffer = Vec::with_capacity(BUFFER);
        while !buffer.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut buffer).await.context("no answer")? == 0 {
                bail!("the connection ended before it was upgraded");
            }
        }
        let answer = String::from_utf8_lossy(&buffer);
        let is_open = answer.starts_with("HTTP/1.1 101 ") && answer.contains(&accept(KEY));
        ensure!(is_open, "the answer was {answer}");
        buffer.clear();
        let message = vec![b'm'; MESSAGE];
        Ok(Self { stream, buffer, sent: frame(&message, true), message })
    }
}

impl Client for Socket {
    async fn ask(&mut self, _turn: usize) -> Result<()> {
        self.stream.write_all(&self.sent).await.context("cannot send")?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await.context("no echo")? == 0 {
                bail!("the WebSocket ended");
            }
            if let Some((payload, taken)) = parse(&self.buffer) {
                let is_echo = payload == self.message && taken == self.buffer.len();
                ensure!(is_echo, "the echo is another message");
                return Ok(());
            }
        }
    }
}
