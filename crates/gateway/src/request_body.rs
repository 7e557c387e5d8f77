//! The body of every request, whichever server read it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// A request body as it comes in.
#[derive(Debug)]
pub(crate) struct RequestBody(Incoming);

/// Why a request body broke off.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct RequestBodyError(#[from] hyper::Error);

impl From<Incoming> for RequestBody {
    fn from(body: Incoming) -> Self {
        Self(body)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = RequestBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        Pin::new(&mut self.0).poll_frame(cx).map_err(RequestBodyError)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
