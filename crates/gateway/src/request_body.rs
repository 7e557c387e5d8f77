//! The body of every request, whichever server read it.
//!
//! Over HTTP/2 a body that breaks off must not look like one that has ended: hyper takes a reset
//! without an error (`RST_STREAM` with `NO_ERROR`) for the end, and what a service still waits for
//! would then be the beginning of somebody else's request.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::HeaderName;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::authenticator::Failed;
use crate::chunked;
use crate::serving::Http1Body;
use crate::signed_body::SignedBody;
use crate::trailers;

/// A request body as it comes in.
#[derive(Debug)]
pub(crate) enum RequestBody {
    /// There is none.
    Empty,
    /// Over HTTP/1.1.
    Http1(Http1Body),
    /// Over HTTP/2.
    Http2(Incoming),
    /// Whichever of these, with a signed digest that is checked as it passes.
    Signed(Box<SignedBody>),
    /// Whichever of these, without trailers of some names.
    Trimmed(Box<Trimmed>),
}

/// A body whose trailers do not say what headers of the configuration say.
#[derive(Debug)]
pub(crate) struct Trimmed {
    inner: RequestBody,
    names: Arc<[HeaderName]>,
}

impl RequestBody {
    /// The same without trailers of these names: what no client may say in a header it may not say
    /// behind its body either.
    pub(crate) fn without_trailers(self, names: &Arc<[HeaderName]>) -> Self {
        if names.is_empty() || self.is_end_stream() {
            return self;
        }
        Self::Trimmed(Box::new(Trimmed { inner: self, names: Arc::clone(names) }))
    }
}

/// Why a request body broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestBodyError {
    /// The stream failed.
    #[error(transparent)]
    Http2(#[from] hyper::Error),
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not delimited as was said.
    #[error(transparent)]
    Malformed(#[from] chunked::Malformed),
    /// There was less of it than was to come.
    #[error("the body ended before its end")]
    EndedEarly,
    /// It is not the one whose digest was signed.
    #[error("the body is not the signed one")]
    NotTheSigned(Box<Failed>),
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = RequestBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Http1(body) => body.poll_frame(cx),
            Self::Signed(body) => body.poll_frame(cx),
            Self::Trimmed(trimmed) => {
                let Trimmed { inner, names } = &mut **trimmed;
                let frame = ready!(Pin::new(inner).poll_frame(cx));
                Poll::Ready(frame.map(|frame| {
                    frame.map(|frame| match frame.into_trailers() {
                        Ok(mut came) => {
                            trailers::retain(&mut came, |name| !names.contains(name));
                            Frame::trailers(came)
                        }
                        Err(frame) => frame,
                    })
                }))
            }
            Self::Http2(incoming) => match ready!(Pin::new(&mut *incoming).poll_frame(cx)) {
                None if !incoming.is_end_stream() => {
                    Poll::Ready(Some(Err(RequestBodyError::EndedEarly)))
                }
                frame => Poll::Ready(frame.map(|frame| frame.map_err(RequestBodyError::Http2))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Http1(body) => body.is_over(),
            Self::Signed(body) => body.is_end_stream(),
            Self::Trimmed(body) => body.inner.is_end_stream(),
            Self::Http2(incoming) => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Http1(body) => {
                body.remaining().map_or_else(SizeHint::default, SizeHint::with_exact)
            }
            Self::Http2(incoming) => incoming.size_hint(),
            Self::Signed(body) => body.size_hint(),
            Self::Trimmed(body) => body.inner.size_hint(),
        }
    }
}
