//! Reads a PROXY header and not one byte of what follows it.

use std::io;
use std::net::SocketAddr;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::ArrivalError;
use crate::proxy_protocol::{MAX_BYTES, Parsed, parse};
use crate::trusted::TrustedProxies;

/// Who has connected to the load balancer, where it says so.
pub(super) async fn read(
    stream: &mut TcpStream,
    peer: SocketAddr,
    trusted: &TrustedProxies,
) -> Result<Option<SocketAddr>, ArrivalError> {
    if !trusted.contains(peer.ip()) {
        return Err(ArrivalError::Untrusted);
    }
    let mut bytes = vec![0; MAX_BYTES];
    let mut have = 0;
    loop {
        // Looked at first, and taken once it is known to belong to the header.
        let room = bytes.get_mut(have..).unwrap_or_default();
        let seen = have + stream.peek(room).await.map_err(ArrivalError::ProxyIo)?;
        if seen == have {
            return Err(ArrivalError::ProxyIo(io::ErrorKind::UnexpectedEof.into()));
        }
        let (taken, source) = match parse(bytes.get(..seen).unwrap_or_default())? {
            Parsed::Incomplete => (seen, None),
            Parsed::Complete { length, source } => (length, Some(source)),
        };
        let taking = bytes.get_mut(have..taken).unwrap_or_default();
        stream.read_exact(taking).await.map_err(ArrivalError::ProxyIo)?;
        if let Some(source) = source {
            let canonical =
                |source: SocketAddr| SocketAddr::new(source.ip().to_canonical(), source.port());
            return Ok(source.map(canonical));
        }
        have = seen;
    }
}
