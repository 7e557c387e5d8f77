//! The streams of an HTTP/2 connection as tasks, each watched: a client that never opens its window
//! must not hold an answer, and what stands behind it, for ever.
//!
//! hyper asks a body for its next piece only once the one before found room in the window. So a
//! piece that was given and is followed by no further question is stuck, and the stream is dropped
//! (which resets it) when that lasts too long. Waiting for a service is another matter, and has
//! deadlines of its own.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::rt::Executor;
use tokio::time::Instant;

use super::standing::Standing;
use crate::body::{BodyError, GatewayBody};
use crate::patience::Patience;

tokio::task_local! {
    /// How many pieces of its answer this stream has handed over, where it waits for them to be
    /// taken.
    static GIVEN: Cell<Given>;
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Given {
    pieces: u64,
    is_waiting: bool,
}

/// Runs the streams of one connection.
#[derive(Clone)]
pub(super) struct Streams {
    pub(super) standing: Arc<Standing>,
    /// How long a client may take no piece of an answer.
    pub(super) patience: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let open = Open::new(&self.standing);
        let watched = Watched {
            stream: Box::pin(stream),
            seen: Given::default(),
            patience: None,
            limit: self.patience,
            _open: open,
        };
        tokio::spawn(GIVEN.scope(Cell::default(), watched));
    }
}

/// A stream that counts as open.
struct Open(Arc<Standing>);

impl Open {
    fn new(standing: &Arc<Standing>) -> Self {
        standing.opened();
        Self(Arc::clone(standing))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.closed();
    }
}

struct Watched<F> {
    stream: Pin<Box<F>>,
    seen: Given,
    patience: Option<Patience>,
    limit: Duration,
    _open: Open,
}

impl<F: Future<Output = ()>> Future for Watched<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.stream.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let given = GIVEN.with(Cell::get);
        if !given.is_waiting {
            return Poll::Pending;
        }
        let deadline = Instant::now() + self.limit;
        let is_new = self.seen != given;
        self.seen = given;
        let patience = self.patience.get_or_insert_with(|| Patience::until(deadline));
        if is_new {
            patience.move_to(deadline);
        }
        // Dropped when it is ready: hyper's stream is reset by that.
        Pin::new(patience).poll(cx)
    }
}

/// An answer's body that tells the watch what it has given.
pub(super) struct WatchedBody(pub(super) GatewayBody);

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.0).poll_frame(cx);
        let is_waiting = frame.is_ready();
        // Outside of a watched task there is nobody to tell.
        let _ = GIVEN.try_with(|given| {
            let pieces = given.get().pieces.wrapping_add(u64::from(is_waiting));
            given.set(Given { pieces, is_waiting });
        });
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
