//! A connection over HTTP/2 of which every frame is seen, and which is cut off where its client
//! sends too much to no purpose.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::calm::Calm;
use super::frames::Scanner;
use super::preface::PREFACE;
use crate::metrics::Metrics;

/// A connection whose frames are watched.
pub(super) struct Watched<I> {
    io: I,
    received: Scanner,
    sent: Scanner,
    calm: Calm,
    metrics: Arc<Metrics>,
}

impl<I> Watched<I> {
    pub(super) fn new(io: I, metrics: &Arc<Metrics>) -> Self {
        let (received, sent) = (Scanner::new(PREFACE.len()), Scanner::new(0));
        let (calm, metrics) = (Calm::new(Instant::now()), Arc::clone(metrics));
        Self { io, received, sent, calm, metrics }
    }

    fn has_sent(&mut self, bytes: &[u8]) {
        let calm = &mut self.calm;
        let told = self.sent.scan(bytes, |seen| {
            calm.sent(seen);
            Ok::<_, Infallible>(())
        });
        match told {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        let outcome = Pin::new(&mut self.io).poll_read(cx, out);
        if outcome.is_ready() {
            let (this, now) = (&mut *self, Instant::now());
            let bytes = out.filled().get(before..).unwrap_or_default();
            let calm = &mut this.calm;
            if let Err(flood) = this.received.scan(bytes, |seen| calm.received(seen, now)) {
                this.metrics.http2_cut("flood");
                return Poll::Ready(Err(io::Error::other(flood)));
            }
        }
        outcome
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write(cx, bytes);
        if let Poll::Ready(Ok(written)) = outcome {
            self.has_sent(bytes.get(..written).unwrap_or_default());
        }
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        if let Poll::Ready(Ok(mut written)) = outcome {
            for slice in slices {
                let part = written.min(slice.len());
                self.has_sent(slice.get(..part).unwrap_or_default());
                written -= part;
            }
        }
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
