//! The body of an answer over HTTP/2 as it streams.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::super::UpstreamError;
use super::pool::Lease;
use super::upload::Upload;
use crate::balance::Lease as Held;
use crate::patience::Patience;
use crate::trailers;

/// A body that owns its place on the connection; dropped early, it resets the stream.
pub(crate) struct MultiplexedBody {
    body: Incoming,
    upload: Upload,
    lease: Lease,
    /// Its place among the requests of its service.
    _held: Held,
    idle: Duration,
    silence: Option<Patience>,
    is_waiting: bool,
    /// The upload's progress when the silence began.
    progress: u64,
}

impl MultiplexedBody {
    pub(super) fn new(
        body: Incoming,
        upload: Upload,
        (lease, held): (Lease, Held),
        idle: Duration,
    ) -> Box<Self> {
        upload.answered();
        let (silence, is_waiting, progress) = (None, false, 0);
        Box::new(Self { body, upload, lease, _held: held, idle, silence, is_waiting, progress })
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<UpstreamError> {
        loop {
            let progress = self.upload.progress();
            let deadline = Instant::now() + self.idle;
            let silence = self.silence.get_or_insert_with(|| Patience::until(deadline));
            if !self.is_waiting || self.progress != progress {
                (self.is_waiting, self.progress) = (true, progress);
                silence.move_to(deadline);
            }
            ready!(Pin::new(silence).poll(cx));
            if self.progress == self.upload.progress() {
                // Nobody knows whether the connection is still good for others.
                self.lease.retire();
                return Poll::Ready(UpstreamError::IdleTimeout);
            }
        }
    }

    fn failure(&self, error: hyper::Error) -> UpstreamError {
        self.upload.take_failure().unwrap_or(UpstreamError::Stream(error))
    }
}

impl Body for MultiplexedBody {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return self.poll_silence(cx).map(|error| Some(Err(error)));
        };
        self.is_waiting = false;
        // A reset without an error is no end (see `RequestBody`).
        if frame.is_none() && !self.body.is_end_stream() {
            return Poll::Ready(Some(Err(UpstreamError::Truncated)));
        }
        Poll::Ready(frame.map(|frame| match frame {
            Ok(mut frame) => {
                if let Some(kept) = frame.trailers_mut() {
                    trailers::retain(kept, trailers::is_response_trailer);
                }
                Ok(frame)
            }
            Err(error) => Err(self.failure(error)),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
