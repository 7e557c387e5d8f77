//! Large bodies, down or up, on kept connections.

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Load,
    client::Client,
    connection::{self, Connection, head_of},
    requests::Requests,
};
use crate::workload::{LARGE, LARGE_OCTET, LARGE_PATH, PATH};

/// Read at once at most.
const BUFFER: usize = 256 * 1024;

/// A connection for large bodies.
pub(super) enum Bodies {
    /// They are answers.
    Down(Download),
    /// They belong to requests.
    Up(Connection<TcpStream>),
}

/// Asks for a large body and reads it.
pub(super) struct Download {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Box<[u8]>,
}

impl Bodies {
    /// Connects.
    pub(super) async fn open(load: Load, port: u16) -> Result<Self> {
        let stream = connection::connect(port).await?;
        let head = |method, path| format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n");
        if load == Load::Download {
            let request = format!("{}\r\n", head("GET", LARGE_PATH)).into_bytes();
            let buffer = vec![0; BUFFER].into_boxed_slice();
            return Ok(Self::Down(Download { stream, request, buffer }));
        }
        let head = format!("{}content-length: {LARGE}\r\n\r\n", head("POST", PATH));
        let request = [head.as_bytes(), &vec![LARGE_OCTET; LARGE]].concat();
        Ok(Self::Up(Connection::on(stream, Requests::one(request))))
    }
}

impl Client for Bodies {
    async fn ask(&mut self, turn: usize) -> Result<()> {
        match self {
            Self::Down(download) => download.ask().await,
            Self::Up(connection) => connection.ask(turn).await,
        }
    }
}

impl Download {
    async fn ask(&mut self) -> Result<()> {
        self.stream.write_all(&self.request).await.context("cannot send")?;
        let mut filled = 0;
        let mut left = loop {
            filled += self.read(filled).await?;
            let answer = self.buffer.get(..filled).unwrap_or_default();
            if let Some((head, length)) = head_of(answer)? {
                ensure!(length == Some(LARGE), "the answer has another length than {LARGE}");
                break (head + LARGE).checked_sub(filled).context("the answer is too long")?;
            }
        };
        while left > 0 {
            let read = self.read(0).await?;
            ensure!(self.buffer.first() == Some(&LARGE_OCTET), "the body is another one");
            left = left.checked_sub(read).context("the answer is too long")?;
        }
        Ok(())
    }

    async fn read(&mut self, from: usize) -> Result<usize> {
        let room = self.buffer.get_mut(from..).unwrap_or_default();
        match self.stream.read(room).await.context("no answer")? {
            0 => bail!("the connection ended"),
            read => Ok(read),
        }
    }
}
