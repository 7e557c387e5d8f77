//! The body of every request, whichever server read it.
//!
//! Over HTTP/2 a body that breaks off must not look like one that has ended: hyper takes a reset
//! without an error (`RST_STREAM` with `NO_ERROR`) for the end, and what a service still waits for
//! would then be the beginning of somebody else's request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// A request body as it comes in.
#[derive(Debug)]
pub(crate) struct RequestBody {
    incoming: Incoming,
    is_http2: bool,
}

/// Why a request body broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestBodyError {
    /// The connection or the stream failed.
    #[error(transparent)]
    Incoming(#[from] hyper::Error),
    /// There was less of it than was to come.
    #[error("the body ended before its end")]
    EndedEarly,
}

impl RequestBody {
    /// The body of a request that came over HTTP/1.1.
    pub(crate) fn http1(incoming: Incoming) -> Self {
        Self { incoming, is_http2: false }
    }

    /// The body of a request that came over HTTP/2.
    pub(crate) fn http2(incoming: Incoming) -> Self {
        Self { incoming, is_http2: true }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = RequestBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(cx));
        Poll::Ready(match frame {
            None if self.is_http2 && !self.incoming.is_end_stream() => {
                Some(Err(RequestBodyError::EndedEarly))
            }
            frame => frame.map(|frame| frame.map_err(RequestBodyError::Incoming)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
