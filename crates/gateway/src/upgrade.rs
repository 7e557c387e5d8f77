//! The way to the raw connection, for a request that wants to switch protocols.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use crate::downstream_stream::DownstreamStream;
use crate::rewound::Rewound;

/// Becomes the connection once the answer that switches has been sent.
pub(crate) enum Upgrade {
    /// The connection itself.
    Http1(oneshot::Receiver<Rewound<DownstreamStream>>),
    /// One stream of it.
    Http2(OnUpgrade),
}

/// A connection that speaks something else now.
pub(crate) enum Switched {
    /// The connection itself.
    Http1(Rewound<DownstreamStream>),
    /// One stream of it.
    Http2(TokioIo<Upgraded>),
}

impl Upgrade {
    /// Waits until it has switched.
    ///
    /// # Errors
    /// The connection ended first.
    pub(crate) async fn switched(self) -> io::Result<Switched> {
        match self {
            Self::Http1(switched) => switched.await.map(Switched::Http1).map_err(io::Error::other),
            Self::Http2(upgrade) => match upgrade.await {
                Ok(stream) => Ok(Switched::Http2(TokioIo::new(stream))),
                Err(error) => Err(io::Error::other(error)),
            },
        }
    }
}

impl AsyncRead for Switched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Http1(stream) => Pin::new(stream).poll_read(cx, out),
            Self::Http2(stream) => Pin::new(stream).poll_read(cx, out),
        }
    }
}

impl AsyncWrite for Switched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Http1(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Http2(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Http1(stream) => Pin::new(stream).poll_flush(cx),
            Self::Http2(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Http1(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Http2(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
