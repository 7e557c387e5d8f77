//! The body of a request on its way into a stream: counted against its limit, and its beginning
//! kept until there is an answer, so that a target which refuses the stream costs nobody a call.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::{Sleep, sleep};

use super::super::UpstreamError;
use crate::request_body::RequestBody;
use crate::trailers;

/// The most of a body that is kept for a second try, in bytes.
const MAX_KEPT: usize = 64 * 1024;
/// The same in pieces.
const MAX_KEPT_PIECES: usize = 64;

/// A body on our side.
pub(super) struct Upload(Arc<Mutex<State>>);

/// The same body on the stream's side.
pub(super) struct Sending {
    state: Arc<Mutex<State>>,
    /// How many of the kept pieces were sent.
    position: usize,
    waiting: Option<Pin<Box<Sleep>>>,
}

struct State {
    /// What is still to come from the downstream.
    body: Option<RequestBody>,
    kept: Vec<Bytes>,
    kept_bytes: usize,
    is_repeatable: bool,
    is_empty: bool,
    budget: u64,
    patience: Duration,
    progress: u64,
    /// Whether the downstream is waited for.
    is_waiting: bool,
    failure: Option<UpstreamError>,
    phase: Phase,
    waker: Option<Waker>,
}

/// How far the exchange is that it belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// There is no answer yet.
    Asking,
    /// An answer has begun.
    Answered,
    /// Nobody wants the rest.
    Abandoned,
}

/// Why the stream gets no more of it; what is told is [`Upload::take_failure`].
#[derive(Debug, thiserror::Error)]
#[error("the request body is not sent on")]
pub(super) struct Withheld;

impl Upload {
    /// A body of at most `budget` bytes, whose pieces come within `patience` of each other.
    pub(super) fn new(body: RequestBody, budget: u64, patience: Duration) -> Self {
        let is_empty = body.is_end_stream();
        Self::with((!is_empty).then_some(body), budget, patience)
    }

    /// No body.
    pub(super) fn none() -> Self {
        Self::with(None, 0, Duration::ZERO)
    }

    fn with(body: Option<RequestBody>, budget: u64, patience: Duration) -> Self {
        let is_empty = body.is_none();
        Self(Arc::new(Mutex::new(State {
            body,
            kept: Vec::new(),
            kept_bytes: 0,
            is_repeatable: true,
            is_empty,
            budget,
            patience,
            progress: 0,
            is_waiting: false,
            failure: None,
            phase: Phase::Asking,
            waker: None,
        })))
    }

    /// The body from its start, for a stream.
    pub(super) fn sending(&self) -> Sending {
        Sending { state: Arc::clone(&self.0), position: 0, waiting: None }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().is_empty
    }

    /// Whether it can be sent from its start again.
    pub(super) fn is_repeatable(&self) -> bool {
        self.0.lock().is_repeatable
    }

    /// Changes whenever a piece went on its way.
    pub(super) fn progress(&self) -> u64 {
        self.0.lock().progress
    }

    /// Whether there is nothing to send, and the downstream owes more.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.lock().is_waiting
    }

    /// What the downstream did wrong.
    pub(super) fn take_failure(&self) -> Option<UpstreamError> {
        self.0.lock().failure.take()
    }

    /// An answer has begun: there is no second try, and the rest may take its time.
    pub(super) fn answered(&self) {
        let mut state = self.0.lock();
        state.phase = Phase::Answered;
        state.keep_nothing();
    }
}

/// Whoever waited for the answer is gone or has it: nobody wants the rest.
impl Drop for Upload {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.phase = Phase::Abandoned;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

impl State {
    fn keep_nothing(&mut self) {
        self.is_repeatable = false;
        self.kept = Vec::new();
    }

    fn keep(&mut self, data: &Bytes) {
        self.kept_bytes += data.len();
        if self.kept_bytes > MAX_KEPT || self.kept.len() == MAX_KEPT_PIECES {
            self.keep_nothing();
        }
        if self.is_repeatable {
            self.kept.push(data.clone());
        }
    }

    fn fail<T>(&mut self, failure: UpstreamError) -> Poll<Option<Result<T, Withheld>>> {
        self.failure = Some(failure);
        self.body = None;
        Poll::Ready(Some(Err(Withheld)))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Withheld>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = match ready!(Pin::new(&mut *body).poll_frame(cx)) {
            None => {
                self.body = None;
                return Poll::Ready(None);
            }
            Some(Err(error)) => return self.fail(UpstreamError::Downstream(error)),
            Some(Ok(frame)) => frame,
        };
        if body.is_end_stream() {
            self.body = None;
        }
        self.progress += 1;
        match frame.into_data() {
            Ok(data) => {
                let Some(budget) = self.budget.checked_sub(data.len() as u64) else {
                    return self.fail(UpstreamError::BodyTooLarge);
                };
                self.budget = budget;
                self.keep(&data);
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Err(frame) => {
                self.keep_nothing();
                self.body = None;
                let mut kept = frame.into_trailers().unwrap_or_default();
                trailers::retain(&mut kept, trailers::is_request_trailer);
                Poll::Ready(Some(Ok(Frame::trailers(kept))))
            }
        }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = Withheld;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Withheld>>> {
        let this = &mut *self;
        let mut state = this.state.lock();
        if state.phase == Phase::Abandoned {
            return Poll::Ready(Some(Err(Withheld)));
        }
        if let Some(data) = state.kept.get(this.position) {
            this.position += 1;
            return Poll::Ready(Some(Ok(Frame::data(data.clone()))));
        }
        let polled = state.poll_next(cx);
        this.position = state.kept.len();
        state.is_waiting = polled.is_pending();
        if polled.is_ready() {
            this.waiting = None;
            return polled;
        }
        state.waker = Some(cx.waker().clone());
        if state.phase == Phase::Answered {
            return Poll::Pending;
        }
        let patience = state.patience;
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(cx));
        state.fail(UpstreamError::UploadTimeout)
    }

    fn is_end_stream(&self) -> bool {
        let state = self.state.lock();
        state.body.is_none() && state.failure.is_none() && self.position >= state.kept.len()
    }

    fn size_hint(&self) -> SizeHint {
        let state = self.state.lock();
        match &state.body {
            None if state.kept.is_empty() => SizeHint::with_exact(0),
            // What is kept is still to come for this stream.
            Some(body) if state.kept.is_empty() => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}
