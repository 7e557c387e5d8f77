//! A TLS handshake from our side, and how a failed one ends.

use std::io;
use std::time::Duration;

use rustls::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::tls::ServerTls;

/// How long a client that was refused may take to read why.
const LINGER: Duration = Duration::from_secs(1);
/// The most that is read of it meanwhile, in bytes.
const LINGER_BYTES: usize = 64 * 1024;

/// Shakes hands; a failure brings the socket along, on which the alert is already written.
pub(super) async fn accept(
    stream: TcpStream,
    tls: &ServerTls,
) -> Result<TlsStream<TcpStream>, Box<(io::Error, TcpStream)>> {
    TlsAcceptor::from(tls.config()).accept(stream).into_fallible().await.map_err(Box::new)
}

/// Closes a refused connection so that the alert arrives. In TLS 1.3 the client has long sent its
/// request when it is refused; closed with that unread, the system would send a reset, and the
/// alert would be lost (RFC 9112 section 9.6 has the same of answers).
pub(super) async fn linger(mut stream: TcpStream) {
    let wait = async {
        stream.shutdown().await?;
        let mut buffer = [0; 4096];
        let mut read = 0;
        while read < LINGER_BYTES {
            match stream.read(&mut buffer).await? {
                0 => break,
                more => read += more,
            }
        }
        io::Result::Ok(())
    };
    // Whatever comes of it, the connection is over.
    let _ = timeout(LINGER, wait).await;
}

/// What the metric calls a failure.
pub(super) fn outcome(error: &io::Error) -> &'static str {
    let source = error.get_ref().and_then(|source| source.downcast_ref::<Error>());
    match source {
        None => "closed",
        Some(Error::NoCertificatesPresented) => "no_certificate",
        Some(Error::InvalidCertificate(_)) => "bad_certificate",
        Some(Error::AlertReceived(_)) => "refused_by_client",
        Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => "incompatible",
        Some(_) => "malformed",
    }
}
