//! What the bytes of a target go through: TCP, or TLS over it.
//!
//! A plain connection costs what a TCP stream costs. Over TLS, what was written may still be held
//! back in records when the socket takes no more; so it is pushed on whenever something is read.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::unconstrained;
use tokio_rustls::client::TlsStream;

use super::UpstreamError;
use crate::balance::Member;
use crate::descriptors::Descriptor;
use crate::keepalive;
use crate::look_up;

/// An open connection.
#[derive(Debug)]
pub(super) enum Socket {
    Plain(TcpStream, Descriptor),
    Tls(Box<TlsStream<TcpStream>>, Descriptor),
}

impl Socket {
    /// Connects, and shakes hands where the target wants that.
    pub(super) async fn open(member: &Member) -> Result<Self, UpstreamError> {
        let Some(descriptor) = Descriptor::of_a_target() else { return Err(UpstreamError::Busy) };
        let tcp = look_up::connect(&member.target.authority).await;
        let tcp = tcp.map_err(UpstreamError::Connect)?;
        tcp.set_nodelay(true).map_err(UpstreamError::Connect)?;
        keepalive::watch_target(&tcp);
        let Some(tls) = &member.tls else { return Ok(Self::Plain(tcp, descriptor)) };
        // Boxed, so that a plain connection does not carry the room for a handshake.
        let handshake = Box::pin(tls.connector.connect(tls.name.clone(), tcp));
        let stream = handshake.await.map_err(UpstreamError::Handshake)?;
        Ok(Self::Tls(Box::new(stream), descriptor))
    }

    /// Whether nothing has come that nobody asked for, the end included.
    ///
    /// Over TLS a record may come that is none of HTTP's concern, such as a ticket for the next
    /// handshake: it is taken in, and nothing has come.
    pub(super) fn is_quiet(&mut self) -> bool {
        match self {
            Self::Plain(stream, _) => matches!(
                stream.try_read(&mut [0; 1]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock
            ),
            Self::Tls(stream, _) => {
                let (mut byte, waker) = ([0; 1], Waker::noop());
                let mut buffer = ReadBuf::new(&mut byte);
                // Unconstrained: a task that has used up its turn must not see quiet where none is.
                let read = poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut buffer));
                let read = pin!(unconstrained(read)).poll(&mut Context::from_waker(waker));
                read.is_pending() && !stream.get_ref().1.wants_write()
            }
        }
    }

    /// Reads more into the buffer; `0` at the end.
    pub(super) fn poll_fill(
        &mut self,
        into: &mut BytesMut,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream, _) => pin!(stream.read_buf(into)).poll(cx),
            Self::Tls(stream, _) => {
                if stream.get_ref().1.wants_write()
                    && let Poll::Ready(Err(error)) = Pin::new(&mut *stream).poll_flush(cx)
                {
                    return Poll::Ready(Err(error));
                }
                pin!(stream.read_buf(into)).poll(cx)
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_read(cx, out),
            Self::Tls(stream, _) => Pin::new(stream).poll_read(cx, out),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream, _) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(stream, _) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream, _) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream, _) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests;
