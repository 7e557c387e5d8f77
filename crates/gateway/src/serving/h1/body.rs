//! The body of a request, read off the connection when somebody asks for it.
//!
//! Who asks may be another task than the connection's: a stream to a service over HTTP/2.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Frame;
use parking_lot::Mutex;

use super::wire::Wire;
use crate::request_body::RequestBodyError;

/// A body that is still on its way.
pub(crate) struct Http1Body {
    wire: Arc<Mutex<Wire>>,
    /// How many bytes are still to come, where it was said.
    remaining: Option<u64>,
    is_over: bool,
}

impl Http1Body {
    pub(super) fn new(wire: &Arc<Mutex<Wire>>, remaining: Option<u64>) -> Self {
        Self { wire: Arc::clone(wire), remaining, is_over: false }
    }

    /// Whether all of it was given out.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many bytes are still to come, where it was said.
    pub(crate) fn remaining(&self) -> Option<u64> {
        self.remaining
    }

    /// The next piece.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, RequestBodyError>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let mut wire = self.wire.lock();
        let frame = wire.poll_body(cx);
        self.is_over = match &frame {
            Poll::Ready(Some(Ok(_))) => wire.is_body_over(),
            Poll::Ready(_) => true,
            Poll::Pending => false,
        };
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let (Some(remaining), Some(data)) = (&mut self.remaining, frame.data_ref())
        {
            *remaining = remaining.saturating_sub(data.len() as u64);
        }
        frame
    }
}

impl std::fmt::Debug for Http1Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http1Body").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}
