//! The body of every response: a few kinds without a heap object between, and the access event
//! that is written when the body is over, however it ends.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::event::Event;
use crate::session_guard::SessionGuard;
use crate::settle::conceal::conceal_trailers;
use crate::upstream::{MultiplexedBody, UpstreamBody, UpstreamError};

/// A response body.
pub(crate) struct GatewayBody {
    source: Source,
    event: Option<Box<Event>>,
    guard: Option<SessionGuard>,
    /// The internal token, which a trailer might echo.
    concealed: Option<Arc<str>>,
}

enum Source {
    Bytes(Option<Bytes>),
    Upstream(UpstreamBody),
    Multiplexed(Box<MultiplexedBody>),
    InProcess(axum::body::Body),
}

/// Why a response body broke off; the downstream sees a closed connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The target failed in the middle of its answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The authentication service failed in the middle of its answer.
    #[error(transparent)]
    InProcess(#[from] axum::Error),
    /// The session that the stream belongs to is over.
    #[error("the session ended")]
    SessionOver,
}

impl GatewayBody {
    /// No body.
    pub(crate) fn empty() -> Self {
        Self::from(Source::Bytes(None))
    }

    /// A body that is at hand.
    pub(crate) fn full(bytes: Bytes) -> Self {
        Self::from(Source::Bytes((!bytes.is_empty()).then_some(bytes)))
    }

    /// A body that streams from a target.
    pub(crate) fn upstream(body: UpstreamBody) -> Self {
        Self::from(Source::Upstream(body))
    }

    /// A body that streams from a target over HTTP/2.
    pub(crate) fn multiplexed(body: Box<MultiplexedBody>) -> Self {
        Self::from(Source::Multiplexed(body))
    }

    /// A body of the authentication service.
    pub(crate) fn in_process(body: axum::body::Body) -> Self {
        Self::from(Source::InProcess(body))
    }

    /// Whether more has to come from somewhere before the body is over.
    pub(crate) fn is_stream(&self) -> bool {
        match &self.source {
            Source::Bytes(_) => false,
            Source::Upstream(body) => !body.is_at_hand(),
            Source::Multiplexed(body) => !body.is_end_stream(),
            Source::InProcess(_) => true,
        }
    }

    /// Looks for the internal token in the trailers.
    pub(crate) fn concealing(mut self, internal_token: &Arc<str>) -> Self {
        self.concealed = Some(Arc::clone(internal_token));
        self
    }

    /// Cuts the body off once the session is over.
    pub(crate) fn guarded(mut self, guard: SessionGuard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Ties the access event to the end of this body.
    pub(crate) fn with_event(mut self, event: Box<Event>) -> Self {
        self.event = Some(event);
        self
    }
}

impl From<Source> for GatewayBody {
    fn from(source: Source) -> Self {
        Self { source, event: None, guard: None, concealed: None }
    }
}

impl Body for GatewayBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut frame = match &mut self.source {
            Source::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Upstream(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::Upstream),
            Source::Multiplexed(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::Upstream),
            Source::InProcess(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::InProcess),
        };
        if let Some(guard) = &mut self.guard
            && guard.cuts(frame.is_pending(), cx)
        {
            frame = Poll::Ready(Some(Err(BodyError::SessionOver)));
        }
        if let (Poll::Ready(Some(Ok(frame))), Some(token)) = (&mut frame, &self.concealed)
            && let Some(trailers) = frame.trailers_mut()
        {
            conceal_trailers(trailers, token);
        }
        if let (Poll::Ready(Some(frame)), Some(event)) = (&frame, &mut self.event) {
            match frame {
                Ok(frame) => event.sent(frame.data_ref().map_or(0, Bytes::len)),
                Err(error) => event.broke_off(error),
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Bytes(bytes) => bytes.is_none(),
            Source::Upstream(body) => body.is_end_stream(),
            Source::Multiplexed(body) => body.is_end_stream(),
            Source::InProcess(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Bytes(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Upstream(body) => body.size_hint(),
            Source::Multiplexed(body) => body.size_hint(),
            Source::InProcess(body) => body.size_hint(),
        }
    }
}
