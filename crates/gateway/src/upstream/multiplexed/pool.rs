//! Connections of one worker to targets that speak HTTP/2, by target: a stream goes to the first
//! that has room, and a new one is opened only where none has.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use hashbrown::HashMap;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::super::UpstreamError;
use super::super::socket::Socket;
use super::Sending;
use crate::balance::Member;
use crate::descriptors::Descriptor;
use crate::patience::PatientTimer;
use crate::tls::alpn;

/// The most streams on one connection; the target may allow fewer.
const MAX_STREAMS: usize = 100;
/// How many streams are opened before the target has said how many it takes (SETTINGS): what is
/// asked meanwhile waits for it on the connection.
const UNKNOWN: usize = 0;
/// The most connections to one target.
const MAX_CONNECTIONS: usize = 64;
/// How much of an answer may be under way, per stream, in bytes.
const STREAM_WINDOW: u32 = 128 * 1024;
/// The same for a connection: so much that streams whose downstreams are slow never stop others.
const CONNECTION_WINDOW: u32 = 128 * 1024 * 100;
/// How much of a request body waits for its window, per stream, in bytes.
const MAX_SEND_BUFFER: usize = 64 * 1024;
/// The longest head of an answer, in bytes.
const MAX_HEAD: u32 = 128 * 1024;

/// All connections of a worker.
#[derive(Default)]
pub(in super::super) struct Connections {
    targets: Mutex<HashMap<Arc<str>, Arc<Target>>>,
}

#[derive(Default)]
struct Target {
    /// Held while a connection is opened, so that others wait for it instead of opening theirs.
    opening: tokio::sync::Mutex<()>,
    open: Mutex<Vec<Arc<Connection>>>,
}

struct Connection {
    sender: SendRequest<Sending>,
    load: Mutex<Load>,
    /// How many streams the target allows, as far as it has said.
    allowed: Box<dyn Fn() -> usize + Send + Sync>,
    is_retired: AtomicBool,
    idle: Duration,
}

struct Load {
    streams: usize,
    /// When the last stream ended.
    since: Instant,
}

/// A place for one stream on a connection.
pub(super) struct Lease {
    connection: Arc<Connection>,
    sender: SendRequest<Sending>,
    is_kept: bool,
}

impl Connections {
    /// A place on a connection to the target, opened where it has to be.
    pub(super) async fn lease(
        &self,
        to: &Member,
        limit: Duration,
        idle: Duration,
    ) -> Result<Lease, UpstreamError> {
        let key = Arc::clone(to.pool_key(false));
        let target = Arc::clone(self.targets.lock().entry(key).or_default());
        if let Some(lease) = target.lease() {
            return Ok(lease);
        }
        let deadline = Instant::now() + limit;
        let Ok(_opening) = timeout_at(deadline, target.opening.lock()).await else {
            return Err(UpstreamError::ConnectTimeout);
        };
        // Somebody else may have opened one meanwhile.
        if let Some(lease) = target.lease() {
            return Ok(lease);
        }
        if target.open.lock().len() >= MAX_CONNECTIONS {
            return Err(UpstreamError::Busy);
        }
        let connection = match timeout_at(deadline, open(to, idle)).await {
            Ok(connection) => Arc::new(connection?),
            Err(_) => return Err(UpstreamError::ConnectTimeout),
        };
        let lease = Lease::on(&connection, false);
        target.open.lock().push(connection);
        Ok(lease)
    }

    /// Closes what has been idle for too long, and forgets what is closed.
    pub(in super::super) fn sweep(&self) {
        let now = Instant::now();
        let mut targets = self.targets.lock();
        targets.retain(|_, target| {
            let mut open = target.open.lock();
            open.retain(|connection| !connection.is_over(now));
            // One that is being opened, or asked for, holds its target.
            !open.is_empty() || Arc::strong_count(target) > 1
        });
    }
}

async fn open(to: &Member, idle: Duration) -> Result<Connection, UpstreamError> {
    match Socket::open(to).await? {
        Socket::Plain(io, descriptor) => speak(io, descriptor, &to.target.authority, idle).await,
        Socket::Tls(io, descriptor) if alpn::is_http2(io.get_ref().1.alpn_protocol()) => {
            speak(io, descriptor, &to.target.authority, idle).await
        }
        Socket::Tls(..) => {
            let error = std::io::Error::other("the target has not agreed to HTTP/2 (ALPN)");
            Err(UpstreamError::Handshake(error))
        }
    }
}

/// Begins to speak HTTP/2 on a connection, whatever is below it.
async fn speak<I>(
    io: I,
    descriptor: Descriptor,
    authority: &Arc<str>,
    idle: Duration,
) -> Result<Connection, UpstreamError>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(PatientTimer)
        .initial_max_send_streams(UNKNOWN)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(MAX_SEND_BUFFER)
        .max_header_list_size(MAX_HEAD)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|error| UpstreamError::Connect(std::io::Error::other(error)))?;
    let (target, connection) = (Arc::clone(authority), Arc::new(Mutex::new(Some(connection))));
    let told = Arc::clone(&connection);
    tokio::spawn(async move {
        // Locked for one poll at a time, never while it waits.
        let ended = poll_fn(|cx| match connection.lock().as_mut() {
            Some(connection) => Pin::new(connection).poll(cx),
            None => Poll::Ready(Ok(())),
        });
        let ended = ended.await;
        // Only then do senders know that it is closed.
        connection.lock().take();
        drop(descriptor);
        if let Err(error) = ended {
            let error = symbolon_core::error::chain(&error);
            tracing::debug!(%target, error, "connection to a target ended");
        }
    });
    let load = Mutex::new(Load { streams: 0, since: Instant::now() });
    let allowed = Box::new(move || {
        told.lock().as_ref().map_or(0, http2::Connection::current_max_send_streams)
    });
    Ok(Connection { sender, load, allowed, is_retired: AtomicBool::new(false), idle })
}

impl Target {
    fn lease(&self) -> Option<Lease> {
        let open = self.open.lock();
        let connection = open.iter().find(|connection| connection.has_room())?;
        Some(Lease::on(connection, true))
    }
}

impl Connection {
    fn is_usable(&self) -> bool {
        !self.sender.is_closed() && !self.is_retired.load(Ordering::Relaxed)
    }

    fn has_room(&self) -> bool {
        let allowed = match (self.allowed)() {
            UNKNOWN => MAX_STREAMS,
            known => known.min(MAX_STREAMS),
        };
        self.is_usable() && self.load.lock().streams < allowed
    }

    /// Whether nothing is lost by closing it.
    fn is_over(&self, now: Instant) -> bool {
        let load = self.load.lock();
        self.sender.is_closed()
            || load.streams == 0 && (!self.is_usable() || now >= load.since + self.idle)
    }
}

impl Lease {
    fn on(connection: &Arc<Connection>, is_kept: bool) -> Self {
        connection.load.lock().streams += 1;
        let sender = connection.sender.clone();
        Self { connection: Arc::clone(connection), sender, is_kept }
    }

    pub(super) fn sender(&mut self) -> &mut SendRequest<Sending> {
        &mut self.sender
    }

    /// Whether the connection was there before.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Takes no further streams to this connection; those on it go on.
    pub(super) fn retire(&self) {
        self.connection.is_retired.store(true, Ordering::Relaxed);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut load = self.connection.load.lock();
        load.streams = load.streams.saturating_sub(1);
        load.since = Instant::now();
    }
}
