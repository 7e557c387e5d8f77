//! The frames of an HTTP/2 connection as they pass (RFC 9113 section 4.1): only their heads are
//! read, to see who sends too much of nothing.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::calm::Calm;
use super::preface::PREFACE;
use crate::metrics::Metrics;

/// The length of a frame's head, in bytes.
const HEAD: usize = 9;
/// The flag `END_STREAM` of DATA (section 6.1).
const END_STREAM: u8 = 1;

/// What is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// DATA.
    Data,
    /// HEADERS.
    Headers,
    /// Everything else.
    Other,
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) length: usize,
    pub(super) ends_stream: bool,
}

/// Finds the heads in a stream of bytes.
#[derive(Debug)]
pub(super) struct Scanner {
    /// How much is still to be passed over.
    skip: usize,
    head: [u8; HEAD],
    has: usize,
}

impl Scanner {
    /// Passes over `skip` bytes first.
    pub(super) fn new(skip: usize) -> Self {
        Self { skip, head: [0; HEAD], has: 0 }
    }

    /// Tells every frame whose head ends within `bytes`.
    pub(super) fn scan<E>(
        &mut self,
        mut bytes: &[u8],
        mut tell: impl FnMut(Frame) -> Result<(), E>,
    ) -> Result<(), E> {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            for (place, byte) in self.head.iter_mut().skip(self.has).zip(bytes) {
                *place = *byte;
            }
            let taken = (HEAD - self.has).min(bytes.len());
            self.has += taken;
            bytes = bytes.get(taken..).unwrap_or_default();
            if self.has == HEAD {
                let frame = Frame::read(self.head);
                (self.has, self.skip) = (0, frame.length);
                tell(frame)?;
            }
        }
        Ok(())
    }
}

impl Frame {
    fn read([a, b, c, kind, flags, ..]: [u8; HEAD]) -> Self {
        let kind = match kind {
            0 => Kind::Data,
            1 => Kind::Headers,
            _ => Kind::Other,
        };
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        Self { kind, length, ends_stream: flags & END_STREAM != 0 }
    }
}

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
        let told = self.sent.scan(bytes, |frame| {
            calm.sent(frame);
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
            if let Err(flood) = this.received.scan(bytes, |frame| calm.received(frame, now)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_wherever_the_network_cuts() {
        let mut bytes = PREFACE.to_vec();
        bytes.extend([0, 0, 2, 4, 0, 0, 0, 0, 0, 1, 2]);
        bytes.extend([0, 0, 0, 0, 1, 0, 0, 0, 1]);
        bytes.extend([0, 1, 1, 1, 5, 0, 0, 0, 3]);
        bytes.extend([7; 257]);
        bytes.extend([0, 0, 1, 0, 0, 0, 0, 0, 1, 9]);
        for size in 1..bytes.len() {
            let (mut scanner, mut found) = (Scanner::new(PREFACE.len()), Vec::new());
            for piece in bytes.chunks(size) {
                let tell = |frame: Frame| {
                    found.push((frame.kind, frame.length, frame.ends_stream));
                    Ok::<_, ()>(())
                };
                scanner.scan(piece, tell).unwrap();
            }
            let expected = [
                (Kind::Other, 2, false),
                (Kind::Data, 0, true),
                (Kind::Headers, 257, true),
                (Kind::Data, 1, false),
            ];
            assert_eq!(found, expected, "{size}");
        }
    }
}
