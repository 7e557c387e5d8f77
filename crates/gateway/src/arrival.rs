//! From an accepted socket to a connection that speaks HTTP: PROXY header, then TLS handshake.
//!
//! 1. Both together have one deadline, and hold a place among the open connections all the while.
//! 2. A PROXY header is read only from a trusted proxy; the connection of anybody else is closed,
//!    as is one without a header.
//! 3. Whoever connects from an address that the listener does not take is closed at once, without
//!    an answer: before anything is read of it, or as soon as the PROXY header names it.
//! 4. What fails here has no request, so no line in the access log: it is counted, and the log says
//!    why.

mod handshake;
mod proxy;
mod welcome;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::server::TlsStream;

use crate::config::{Listener, ProxyProtocol};
use crate::downstream::Downstream;
use crate::proxy_protocol::ProxyError;
use crate::serving::Protocol;
use crate::tls::{AskedFor, ServerTls, alpn};
use crate::worker::Shared;

/// A connection on which requests may come.
pub(crate) struct Arrival {
    pub(crate) socket: Socket,
    /// What is spoken on it: the worker branches here, and nowhere else.
    pub(crate) protocol: Protocol,
    pub(crate) downstream: Downstream,
}

/// What bytes go through.
#[derive(Debug)]
pub(crate) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why a connection came to nothing.
#[derive(Debug, thiserror::Error)]
enum ArrivalError {
    #[error("a PROXY header of somebody who is no trusted proxy")]
    Untrusted,
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    #[error("the connection ended in the PROXY header")]
    ProxyIo(#[source] io::Error),
    #[error("TLS handshake failed")]
    Handshake(#[source] io::Error),
}

/// Makes of a socket what its listener says; `None` where that failed.
pub(crate) async fn arrive(
    stream: TcpStream,
    peer: SocketAddr,
    listener: &Arc<Listener>,
    shared: &Shared,
) -> Option<Arrival> {
    let is_direct = listener.proxy_protocol == ProxyProtocol::Off;
    if is_direct && !welcome::is_welcome(peer, listener, shared) {
        return None;
    }
    if listener.tls.is_none() && is_direct {
        let downstream = Downstream::new(peer, listener, None, None);
        let socket = Socket::Plain(stream);
        return Some(Arrival { socket, protocol: Protocol::Either, downstream });
    }
    // Boxed, so that a plain connection does not carry the room for a handshake.
    Box::pin(prepared(stream, peer, listener, shared)).await
}

async fn prepared(
    mut stream: TcpStream,
    peer: SocketAddr,
    listener: &Arc<Listener>,
    shared: &Shared,
) -> Option<Arrival> {
    let limit = shared.config.limits.handshake_timeout;
    let began = Instant::now();
    let mut source = peer;
    if listener.proxy_protocol == ProxyProtocol::Required {
        let (outcome, said) = announced(&mut stream, peer, shared, limit).await;
        shared.metrics.arrivals.proxy_header(outcome);
        source = said?;
        if !welcome::is_welcome(source, listener, shared) {
            return None;
        }
    }
    let Some(tls) = &listener.tls else {
        return Some(Arrival::new(Socket::Plain(stream), None, source, listener));
    };
    let left = limit.saturating_sub(began.elapsed());
    let (outcome, arrival) = secured(stream, source, listener, tls, left).await;
    shared.metrics.arrivals.handshake(outcome);
    arrival
}

/// Who has connected to the load balancer, or else the load balancer itself.
async fn announced(
    stream: &mut TcpStream,
    peer: SocketAddr,
    shared: &Shared,
    limit: Duration,
) -> (&'static str, Option<SocketAddr>) {
    let snapshot = shared.snapshot.load_full();
    let read = proxy::read(stream, peer, &snapshot.trusted_proxies);
    match timeout(limit, read).await {
        Ok(Ok(said)) => ("accepted", Some(said.unwrap_or(peer))),
        Ok(Err(error)) => {
            let reason = symbolon_core::error::chain(&error);
            tracing::info!(%peer, reason, "connection closed");
            (error.outcome(), None)
        }
        Err(_) => {
            tracing::debug!(%peer, "connection closed: no PROXY header in time");
            ("timed_out", None)
        }
    }
}

/// Shakes hands, and says how that went.
async fn secured(
    stream: TcpStream,
    source: SocketAddr,
    listener: &Arc<Listener>,
    tls: &ServerTls,
    limit: Duration,
) -> (&'static str, Option<Arrival>) {
    match timeout(limit, handshake::accept(stream, tls)).await {
        Ok(Ok(stream)) => {
            let (_, connection) = stream.get_ref();
            let server_name = connection.server_name().map(str::to_owned);
            let certificates = connection.peer_certificates().map(Arc::from);
            let socket = Socket::Tls(Box::new(stream));
            let arrival = Arrival::new(socket, certificates, source, listener);
            let has_certificate = arrival.downstream.certificates.is_some();
            tracing::debug!(peer = %source, server_name, has_certificate, "TLS handshake");
            ("succeeded", Some(arrival))
        }
        Ok(Err(failed)) => {
            let (error, stream) = *failed;
            let outcome = handshake::outcome(&error);
            let error = ArrivalError::Handshake(error);
            let reason = symbolon_core::error::chain(&error);
            match outcome {
                "no_certificate" | "bad_certificate" => {
                    tracing::info!(peer = %source, reason, "client refused");
                }
                _ => tracing::debug!(peer = %source, reason, "connection closed"),
            }
            handshake::linger(stream).await;
            (outcome, None)
        }
        Err(_) => {
            tracing::debug!(peer = %source, "connection closed: no TLS handshake in time");
            ("timed_out", None)
        }
    }
}

impl Arrival {
    fn new(
        socket: Socket,
        certificates: Option<Arc<[CertificateDer<'static>]>>,
        peer: SocketAddr,
        listener: &Arc<Listener>,
    ) -> Self {
        let (protocol, asked_for) = match &socket {
            Socket::Plain(_) => (Protocol::Either, None),
            Socket::Tls(stream) => {
                let (_, connection) = stream.get_ref();
                let asked_for = AskedFor::new(connection.server_name());
                (alpn::negotiated(connection.alpn_protocol()), Some(asked_for))
            }
        };
        let downstream = Downstream::new(peer, listener, certificates, asked_for);
        Self { socket, protocol, downstream }
    }
}

impl ArrivalError {
    /// What the metric calls it.
    fn outcome(&self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::Proxy(_) => "malformed",
            Self::ProxyIo(_) => "closed",
            Self::Handshake(error) => handshake::outcome(error),
        }
    }
}
