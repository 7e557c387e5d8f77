//! One question to one server: a datagram, and a TCP connection where the answer is longer.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::DnsError;
use super::message::{self, Answer, Kind, MAX_DATAGRAM};

/// The answer, within `limit` for each of both ways.
pub(super) async fn ask(
    server: SocketAddr,
    name: &str,
    kind: Kind,
    id: u16,
    limit: Duration,
) -> Result<Answer, DnsError> {
    let question = message::question(id, name, kind)?;
    let read = |bytes: &[u8]| message::answer(bytes, id, name, kind);
    let answer = timeout(limit, by_datagram(server, &question, read)).await;
    let answer = answer.unwrap_or(Err(DnsError::Timeout))?;
    if !answer.is_truncated {
        return Ok(answer);
    }
    let answer = timeout(limit, by_stream(server, &question)).await;
    let bytes = answer.unwrap_or(Err(DnsError::Timeout))?;
    read(&bytes)?.ok_or(DnsError::Malformed)
}

async fn by_datagram(
    server: SocketAddr,
    question: &[u8],
    read: impl Fn(&[u8]) -> Result<Option<Answer>, DnsError>,
) -> Result<Answer, DnsError> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    // A socket of its own for each question: the system chooses its port at random.
    let socket = UdpSocket::bind(any).await.map_err(DnsError::Io)?;
    socket.connect(server).await.map_err(DnsError::Io)?;
    socket.send(question).await.map_err(DnsError::Io)?;
    let mut buffer = [0; MAX_DATAGRAM as usize];
    loop {
        let length = socket.recv(&mut buffer).await.map_err(DnsError::Io)?;
        // What is no answer to this question, or none at all, is passed over.
        match read(buffer.get(..length).unwrap_or_default()) {
            Ok(Some(answer)) => return Ok(answer),
            Err(DnsError::Code(code)) => return Err(DnsError::Code(code)),
            Ok(None) | Err(_) => {}
        }
    }
}

/// RFC 1035 section 4.2.2: the length stands in front.
async fn by_stream(server: SocketAddr, question: &[u8]) -> Result<Vec<u8>, DnsError> {
    let mut stream = TcpStream::connect(server).await.map_err(DnsError::Io)?;
    let length = u16::try_from(question.len()).map_err(|_| DnsError::Name)?;
    let framed = [&length.to_be_bytes(), question].concat();
    stream.write_all(&framed).await.map_err(DnsError::Io)?;
    let length = stream.read_u16().await.map_err(DnsError::Io)?;
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).await.map_err(DnsError::Io)?;
    Ok(bytes)
}
