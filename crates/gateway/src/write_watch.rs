//! Writes towards a downstream that make progress or fail: one that stops taking what it asked for
//! is cut off after a while (slow-read attacks hold memory and upstream connections).

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::patience::Patience;

/// How long a write may stand still.
#[derive(Debug)]
pub(crate) struct WriteWatch {
    limit: Duration,
    patience: Option<Patience>,
    is_stuck: bool,
}

impl WriteWatch {
    /// For at most `limit`.
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, patience: None, is_stuck: false }
    }

    /// The outcome of a write, or that it has stood still for too long.
    pub(crate) fn watch<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.is_stuck = false;
            return outcome;
        }
        let deadline = Instant::now() + self.limit;
        let patience = self.patience.get_or_insert_with(|| Patience::until(deadline));
        if !self.is_stuck {
            self.is_stuck = true;
            patience.move_to(deadline);
        }
        match Pin::new(patience).poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Something to read from and to write to whose writes are watched.
#[derive(Debug)]
pub(crate) struct Watched<I> {
    io: I,
    watch: WriteWatch,
}

impl<I> Watched<I> {
    /// Writes may stand still for at most `limit`.
    pub(crate) fn new(io: I, limit: Duration) -> Self {
        Self { io, watch: WriteWatch::new(limit) }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, out)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.watch.watch(outcome, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.io).poll_flush(cx);
        self.watch.watch(outcome, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.io).poll_shutdown(cx);
        self.watch.watch(outcome, cx)
    }
}
