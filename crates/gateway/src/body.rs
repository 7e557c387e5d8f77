//! The body of every response: a few kinds without a heap object between, and the access event
//! that is written when the body is over, however it ends.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::compress::{Compressor, Encoding};
use crate::event::Event;
use crate::session_guard::SessionGuard;
use crate::settle::conceal_body::BodySearch;
use crate::upstream::{MultiplexedBody, UpstreamBody, UpstreamError};

/// A response body.
pub(crate) struct GatewayBody {
    source: Source,
    event: Option<Box<Event>>,
    guard: Option<SessionGuard>,
    /// For the internal token, which the service might echo.
    search: Option<BodySearch>,
    /// Comes after the search.
    compressor: Option<Box<Compressor>>,
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
    /// It could not be compressed.
    #[error("the body cannot be compressed")]
    Compression(#[from] io::Error),
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

    /// Looks for the internal token in the body and its trailers.
    pub(crate) fn conceal(&mut self, internal_token: &Arc<str>) {
        if !self.is_end_stream() {
            self.search = Some(BodySearch::new(internal_token));
        }
    }

    /// Compresses the body, once nothing is left in it that must not leave.
    pub(crate) fn compress(&mut self, encoding: Encoding) {
        self.compressor = Some(Box::new(Compressor::new(encoding)));
    }

    /// Leaves out what is at hand and nobody reads, as after `HEAD`: its length is not that of what
    /// would have been sent.
    pub(crate) fn forget(&mut self) {
        if let Source::Bytes(bytes) = &mut self.source {
            *bytes = None;
        }
    }

    /// Cuts the body off once the session is over.
    pub(crate) fn guard(&mut self, guard: SessionGuard) {
        self.guard = Some(guard);
    }

    /// Ties the access event to the end of this body.
    pub(crate) fn end_event(&mut self, event: Box<Event>) {
        self.event = Some(event);
    }
}

impl From<Source> for GatewayBody {
    fn from(source: Source) -> Self {
        Self { source, event: None, guard: None, search: None, compressor: None }
    }
}

type Polled = Poll<Option<Result<Frame<Bytes>, BodyError>>>;

impl GatewayBody {
    /// The next frame as it comes, until the session is over.
    fn poll_source(&mut self, cx: &mut Context<'_>) -> Polled {
        let frame = match &mut self.source {
            Source::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Upstream(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::Upstream),
            Source::Multiplexed(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::Upstream),
            Source::InProcess(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::InProcess),
        };
        if let Some(guard) = &mut self.guard
            && guard.cuts(frame.is_pending(), cx)
        {
            return Poll::Ready(Some(Err(BodyError::SessionOver)));
        }
        frame
    }

    /// The next frame as it may leave.
    fn poll_searched(&mut self, cx: &mut Context<'_>) -> Polled {
        loop {
            let frame = ready!(self.poll_source(cx));
            let is_last = self.source.is_over();
            let Some(search) = &mut self.search else {
                return Poll::Ready(frame);
            };
            match search.pass_frame(frame.transpose()?, is_last) {
                Some(frame) if frame.data_ref().is_some_and(Bytes::is_empty) && !is_last => {}
                frame => return Poll::Ready(frame.map(Ok)),
            }
        }
    }
}

impl GatewayBody {
    /// The next frame as it leaves.
    fn poll_encoded(&mut self, cx: &mut Context<'_>) -> Polled {
        let Some(mut compressor) = self.compressor.take() else { return self.poll_searched(cx) };
        let polled = compressor.poll(cx, |cx| self.poll_searched(cx));
        self.compressor = Some(compressor);
        polled
    }
}

impl Source {
    /// Whether nothing more comes.
    fn is_over(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_none(),
            Self::Upstream(body) => body.is_end_stream(),
            Self::Multiplexed(body) => body.is_end_stream(),
            Self::InProcess(body) => body.is_end_stream(),
        }
    }
}

impl Body for GatewayBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let frame = ready!(self.poll_encoded(cx));
        let Self { event: Some(event), search, .. } = &mut *self else {
            return Poll::Ready(frame);
        };
        match &frame {
            Some(Ok(frame)) => event.sent(frame.data_ref().map_or(0, Bytes::len)),
            Some(Err(error)) => event.broke_off(error),
            None => {}
        }
        if search.as_ref().is_some_and(BodySearch::has_found) {
            event.concealed();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.compressor {
            Some(compressor) => compressor.is_over(),
            None => self.source.is_over() && self.search.as_ref().is_none_or(BodySearch::is_empty),
        }
    }

    fn size_hint(&self) -> SizeHint {
        if self.compressor.is_some() {
            return SizeHint::default();
        }
        let held = self.search.as_ref().map_or(0, BodySearch::held) as u64;
        let hint = match &self.source {
            Source::Bytes(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Upstream(body) => body.size_hint(),
            Source::Multiplexed(body) => body.size_hint(),
            Source::InProcess(body) => body.size_hint(),
        };
        hint.exact().map_or(hint, |exact| SizeHint::with_exact(exact + held))
    }
}
