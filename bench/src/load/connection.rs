//! One keep-alive connection, with or without TLS.

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use super::{client::Client, requests::Requests};
use crate::{pinned::loopback, workload::ANSWER};

/// More than any measured answer.
const BUFFER: usize = 2 * 1024;

/// A connection and the space for one answer.
pub(super) struct Connection<S> {
    stream: S,
    requests: Requests,
    buffer: Box<[u8]>,
}

/// A TCP connection without delays.
pub(super) async fn connect(port: u16) -> Result<TcpStream> {
    let stream = TcpStream::connect(loopback(port)).await.context("cannot connect")?;
    stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
    Ok(stream)
}

impl<S> Connection<S> {
    /// Speaks HTTP/1.1 on a stream.
    pub(super) fn on(stream: S, requests: Requests) -> Self {
        Self { stream, requests, buffer: vec![0; BUFFER].into_boxed_slice() }
    }

    /// What it speaks on.
    pub(super) fn into_stream(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Client for Connection<S> {
    async fn ask(&mut self, turn: usize) -> Result<()> {
        let requests = self.requests.clone();
        self.send(requests.get(turn)).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Connection<S> {
    /// Sends this request and waits for the whole answer.
    pub(super) async fn send(&mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request).await.context("cannot send")?;
        self.stream.flush().await.context("cannot send")?;
        let mut filled = 0;
        loop {
            let room = self.buffer.get_mut(filled..).unwrap_or_default();
            let read = self.stream.read(room).await.context("no answer")?;
            if read == 0 {
                bail!("the connection ended, or the answer is too long");
            }
            filled += read;
            if is_whole(self.buffer.get(..filled).unwrap_or_default())? {
                return Ok(());
            }
        }
    }
}

/// Whether this is the whole of the answer; another one is an error.
fn is_whole(answer: &[u8]) -> Result<bool> {
    let Some((head, length)) = head_of(answer)? else {
        return Ok(false);
    };
    let Some(length) = length else {
        // No length: chunked, the one other form in which an answer on a kept connection comes.
        return Ok(answer.ends_with(b"0\r\n\r\n"));
    };
    let is_whole = answer.len() >= head + length;
    ensure!(
        !is_whole || answer.ends_with(ANSWER.as_bytes()),
        "the answer was {}",
        String::from_utf8_lossy(answer)
    );
    Ok(is_whole)
}

/// The length of the head and, where it says so, of the body; nothing until the head is whole. A
/// status other than 200 and 101 is an error.
pub(super) fn head_of(answer: &[u8]) -> Result<Option<(usize, Option<usize>)>> {
    let mut headers = [httparse::EMPTY_HEADER; 48];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(answer).context("no HTTP answer")? else {
        return Ok(None);
    };
    ensure!(
        matches!(response.code, Some(200 | 101)),
        "the answer was {}",
        String::from_utf8_lossy(answer)
    );
    let is_length =
        |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case("content-length");
    let length = response.headers.iter().find(is_length);
    let length = length.map(|header| anyhow::Ok(std::str::from_utf8(header.value)?.parse()?));
    Ok(Some((head, length.transpose()?)))
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn an_answer_is_whole_with_its_last_octet() {
        let body = super::ANSWER;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert!(is_whole(answer.as_bytes()).unwrap());
        assert!(!is_whole(&answer.as_bytes()[..answer.len() - 1]).unwrap());
        assert!(
            is_whole(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
                .unwrap()
        );
    }

    #[test]
    fn another_status_or_body_is_an_error() {
        assert!(is_whole(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno").is_err());
    }
}
