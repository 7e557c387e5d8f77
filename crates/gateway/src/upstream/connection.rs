//! One connection to a target with what was read from it and not yet used.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWrite as _;
use tokio::time::{Instant, timeout};

use super::UpstreamError;
use super::socket::Socket;
use crate::balance::{ConnectionPlace, Counts, Member};
use crate::patience::Patience;

/// The size of a read buffer, in bytes. Several small answers fit in one.
const READ_SIZE: usize = 16 * 1024;
/// The least room for a read, in bytes; with less, a new buffer is made.
const MIN_READ: usize = 4 * 1024;

/// A connection that carries one exchange at a time.
#[derive(Debug)]
pub(super) struct Connection {
    io: Socket,
    pub(super) read: BytesMut,
    /// Under which name it is kept.
    key: Arc<str>,
    /// Its place among the connections of a service that counts them.
    place: Option<ConnectionPlace>,
    is_kept: bool,
    patience: Option<Patience>,
}

impl Connection {
    /// Opens a connection that is kept under `key`; a name is resolved each time. It has its `place`
    /// among the connections of a service that counts them.
    pub(super) async fn open(
        member: &Member,
        key: &Arc<str>,
        place: Option<ConnectionPlace>,
        limit: Duration,
    ) -> Result<Self, UpstreamError> {
        let io = match timeout(limit, Socket::open(member)).await {
            Ok(io) => io?,
            Err(_) => return Err(UpstreamError::ConnectTimeout),
        };
        let read = BytesMut::with_capacity(READ_SIZE);
        Ok(Self { io, read, key: Arc::clone(key), place, is_kept: false, patience: None })
    }

    /// What it is found by when it is kept.
    pub(super) fn key(&self) -> &Arc<str> {
        &self.key
    }

    /// Whether its place is worth more than the connection.
    pub(super) fn is_wanted(&self) -> bool {
        self.place.as_ref().is_some_and(ConnectionPlace::is_wanted)
    }

    /// Whether it takes a place of this service.
    pub(super) fn is_of(&self, counts: &Arc<Counts>) -> bool {
        self.place.as_ref().is_some_and(|place| place.is_of(counts))
    }

    /// Whether it has served before.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Marks it as having served.
    pub(super) fn kept(mut self) -> Self {
        self.is_kept = true;
        self
    }

    /// Whether nothing has come that nobody asked for, the end included. Costs no system call
    /// while the runtime knows of nothing to read.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.read.is_empty() && self.io.is_quiet()
    }

    /// Reads more; `0` at the end.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.read.capacity() - self.read.len() < MIN_READ {
            self.read.reserve(READ_SIZE);
        }
        self.io.poll_fill(&mut self.read, cx)
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    /// Sets how long the target may now be silent.
    pub(super) fn be_patient(&mut self, silence: Duration) {
        let deadline = Instant::now() + silence;
        match &mut self.patience {
            Some(patience) => patience.move_to(deadline),
            None => self.patience = Some(Patience::until(deadline)),
        }
    }

    /// Ready once the target has been silent for too long.
    pub(super) fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.patience {
            Some(patience) => Pin::new(patience).poll(cx),
            None => Poll::Pending,
        }
    }

    /// The socket, what was read from it, and its place, once HTTP is over.
    pub(super) fn into_parts(self) -> (Socket, BytesMut, Option<ConnectionPlace>) {
        (self.io, self.read, self.place)
    }
}
