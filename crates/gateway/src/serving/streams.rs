//! The streams of an HTTP/2 connection as tasks, each with its place and watched: a client that never opens its window
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
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::rt::Executor;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::standing::Standing;
use crate::body::{BodyError, GatewayBody};
use crate::metrics::Metrics;
use crate::patience::Patience;

tokio::task_local! {
    /// The stream that a task is.
    static STREAM: Stream;
}

/// What hyper does not know of a stream.
#[derive(Default)]
struct Stream {
    given: Cell<Given>,
    /// Its place among the connections, unless it is the first and has its connection's.
    slot: Cell<Option<OwnedSemaphorePermit>>,
}

/// How many pieces of its answer a stream has handed over, and whether the last one waits to be
/// taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Given {
    pieces: u64,
    is_waiting: bool,
}

/// Gives the stream of this task a place of its own until its end.
pub(super) fn occupy(slot: OwnedSemaphorePermit) {
    // Outside of a stream it is given back at once.
    let _ = STREAM.try_with(|stream| stream.slot.set(Some(slot)));
}

/// Runs the streams of one connection.
#[derive(Clone)]
pub(super) struct Streams {
    pub(super) standing: Arc<Standing>,
    /// How long a client may take no piece of an answer.
    pub(super) patience: Duration,
    pub(super) metrics: Arc<Metrics>,
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
            metrics: Arc::clone(&self.metrics),
            _open: open,
        };
        // A tunnel goes on in a task of its own, begun by its stream's: the place goes along.
        let slot = STREAM.try_with(|parent| parent.slot.take()).ok().flatten();
        let stream = Stream { slot: Cell::new(slot), ..Stream::default() };
        tokio::spawn(STREAM.scope(stream, watched));
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
    metrics: Arc<Metrics>,
    _open: Open,
}

impl<F: Future<Output = ()>> Future for Watched<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.stream.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let given = STREAM.with(|stream| stream.given.get());
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
        ready!(Pin::new(patience).poll(cx));
        // Over, and so dropped: hyper's stream is reset by that.
        self.metrics.http2_cut("stalled");
        Poll::Ready(())
    }
}

/// An answer's body that tells the watch what it has given.
pub(super) struct WatchedBody {
    body: GatewayBody,
    /// Whether only its head is asked for: unlike over HTTP/1.1, nobody below leaves the rest out.
    is_head: bool,
}

impl WatchedBody {
    pub(super) fn new(body: GatewayBody, is_head: bool) -> Self {
        Self { body, is_head }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let is_waiting = frame.is_ready();
        // Outside of a watched task there is nobody to tell.
        let _ = STREAM.try_with(|stream| {
            let pieces = stream.given.get().pieces.wrapping_add(u64::from(is_waiting));
            stream.given.set(Given { pieces, is_waiting });
        });
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.is_head || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
