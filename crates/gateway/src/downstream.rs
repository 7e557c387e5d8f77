//! The other end of a connection from outside, as it is known before the first request.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use crate::config::Listener;
use crate::source_address::SourceAddress;
use crate::tls::AskedFor;

/// Who is connected, and how.
#[derive(Clone, Debug)]
pub(crate) struct Downstream {
    /// The address at the other end: what a load balancer says of it, where one has to.
    pub(crate) peer: SocketAddr,
    /// Its address, with the text that every request from there needs.
    pub(crate) source: SourceAddress,
    /// Where it came in.
    pub(crate) listener: Arc<Listener>,
    /// The certificate that was shown and verified, and those that lead to its authority. Only a
    /// handshake puts something here, so it proves who is at the other end of this connection.
    pub(crate) certificates: Option<Arc<[CertificateDer<'static>]>>,
    /// For which name the handshake was; `None` on a plain connection.
    pub(crate) asked_for: Option<AskedFor>,
}

impl Downstream {
    /// Connected to `listener`, maybe with a certificate.
    pub(crate) fn new(
        peer: SocketAddr,
        listener: &Arc<Listener>,
        certificates: Option<Arc<[CertificateDer<'static>]>>,
        asked_for: Option<AskedFor>,
    ) -> Self {
        let source = SourceAddress::new(peer.ip().to_canonical());
        Self { peer, source, listener: Arc::clone(listener), certificates, asked_for }
    }

    /// The scheme by which it reached us: behind a proxy that ends TLS it is the public URL's.
    pub(crate) fn scheme(&self, public: &'static str) -> &'static str {
        if self.asked_for.is_some() { "https" } else { public }
    }
}
