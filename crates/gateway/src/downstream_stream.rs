//! The socket towards a downstream that is not waited for endlessly: one that stops taking its
//! answer is cut off after a while (slow-read attacks hold memory and upstream connections).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;

use crate::arrival::Socket;
use crate::descriptors::Descriptor;
use crate::serving::Preface;
use crate::write_watch::WriteWatch;

/// A connection's place among those that a worker may have open, and in the gauge. It belongs to
/// the socket, so that a tunnel keeps it after HTTP is over.
#[derive(Debug)]
pub(crate) struct Place {
    _slot: OwnedSemaphorePermit,
    _descriptor: Descriptor,
    gauge: Gauge,
}

impl Place {
    pub(crate) fn new(slot: OwnedSemaphorePermit, descriptor: Descriptor, gauge: Gauge) -> Self {
        gauge.inc();
        Self { _slot: slot, _descriptor: descriptor, gauge }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

/// A socket whose writes make progress or fail.
#[derive(Debug)]
pub(crate) struct DownstreamStream {
    stream: Socket,
    watch: WriteWatch,
    preface: Preface,
    _place: Place,
}

impl DownstreamStream {
    /// Writes may stand still for at most `limit`.
    pub(crate) fn new(stream: Socket, limit: Duration, place: Place) -> Self {
        let preface = Preface::default();
        Self { stream, watch: WriteWatch::new(limit), preface, _place: place }
    }
}

impl DownstreamStream {
    /// Reads what comes as it comes, below TLS: of no use but to be thrown away.
    pub(crate) fn poll_read_raw(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Socket::Plain(stream) => Pin::new(stream).poll_read(cx, out),
            Socket::Tls(stream) => Pin::new(stream.get_mut().0).poll_read(cx, out),
        }
    }

    /// Has the other end told that the connection broke, once it is dropped.
    pub(crate) fn reset_when_dropped(&self) {
        let stream = match &self.stream {
            Socket::Plain(stream) => stream,
            Socket::Tls(stream) => stream.get_ref().0,
        };
        // Where that fails, the connection has ended already.
        let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    }
}

impl AsyncRead for DownstreamStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, preface, .. } = &mut *self;
        match stream {
            Socket::Plain(stream) if preface.is_decided() => Pin::new(stream).poll_read(cx, out),
            Socket::Plain(stream) => preface.poll_read(stream, cx, out),
            Socket::Tls(stream) => Pin::new(stream).poll_read(cx, out),
        }
    }
}

impl AsyncWrite for DownstreamStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = match &mut self.stream {
            Socket::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Socket::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        self.watch.watch(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = match &mut self.stream {
            Socket::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Socket::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        self.watch.watch(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Socket::Plain(stream) => stream.is_write_vectored(),
            Socket::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Socket::Tls(stream) = &mut self.stream else {
            // Nothing is held back.
            return Poll::Ready(Ok(()));
        };
        let outcome = Pin::new(stream).poll_flush(cx);
        self.watch.watch(outcome, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = match &mut self.stream {
            Socket::Plain(stream) => return Pin::new(stream).poll_shutdown(cx),
            Socket::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        };
        self.watch.watch(outcome, cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn who_takes_nothing_is_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taker = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let (slots, gauge) = (Arc::new(Semaphore::new(1)), Gauge::default());
        let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
        let place = Place::new(slot, Descriptor::of_a_client().unwrap(), gauge.clone());
        let mut downstream =
            DownstreamStream::new(Socket::Plain(stream), Duration::from_millis(50), place);
        let piece = vec![0; 1 << 20];
        let failed = loop {
            if let Err(error) = downstream.write_all(&piece).await {
                break error;
            }
        };
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        drop(taker);
        assert_eq!((slots.available_permits(), gauge.get()), (0, 1));
        drop(downstream);
        assert_eq!((slots.available_permits(), gauge.get()), (1, 0));
    }
}
