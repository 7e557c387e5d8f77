//! One keep-alive connection.

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{pinned::loopback, workload::PATH};

/// More than any measured answer.
const BUFFER: usize = 16 * 1024;

/// A connection and the space for one answer.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Box<[u8]>,
}

impl Connection {
    /// Connects.
    pub(super) async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(loopback(port)).await.context("cannot connect")?;
        stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        Ok(Self { stream, buffer: vec![0; BUFFER].into_boxed_slice() })
    }

    /// The measured request once for each line of `headers`, or once without.
    pub(super) fn requests(port: u16, headers: &str) -> Vec<Vec<u8>> {
        let request = |line: &str| {
            format!("GET {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{line}\r\n").into_bytes()
        };
        if headers.is_empty() {
            return vec![request("")];
        }
        headers.lines().map(|line| request(&format!("{line}\r\n"))).collect()
    }

    /// Sends a request and waits for the whole answer, which must be 200.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request).await.context("cannot send")?;
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

/// Whether this is a whole answer; one with another status than 200 is an error.
fn is_whole(answer: &[u8]) -> Result<bool> {
    let mut headers = [httparse::EMPTY_HEADER; 48];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(answer).context("no HTTP answer")? else {
        return Ok(false);
    };
    if response.code != Some(200) {
        bail!("the answer was {}", String::from_utf8_lossy(answer));
    }
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let length: usize = std::str::from_utf8(header.value)?.parse()?;
            return Ok(answer.len() >= head + length);
        }
    }
    // No length: chunked, the one other form in which an answer on a kept connection comes.
    Ok(answer.ends_with(b"0\r\n\r\n"))
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn an_answer_is_whole_with_its_last_octet() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert!(is_whole(answer).unwrap());
        assert!(!is_whole(&answer[..answer.len() - 1]).unwrap());
        assert!(
            is_whole(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
                .unwrap()
        );
    }

    #[test]
    fn another_status_is_an_error() {
        assert!(is_whole(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n").is_err());
    }
}
