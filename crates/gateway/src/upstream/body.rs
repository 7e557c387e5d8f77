//! The body of an answer as it streams: the rest of the request goes up while it comes down.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::exchange::Exchange;
use super::framing::Framing;
use super::{Pool, UpstreamError};
use crate::chunked::Decoded;

/// A body that owns its exchange; dropped early, it closes the connection.
pub(crate) struct UpstreamBody {
    exchange: Option<Box<Exchange>>,
    framing: Framing,
    pool: Option<Arc<Pool>>,
    idle: Duration,
    is_waiting: bool,
}

impl UpstreamBody {
    /// The body behind a head; `pool` takes the connection back when it may be kept.
    pub(super) fn new(
        exchange: Box<Exchange>,
        framing: Framing,
        pool: Option<Arc<Pool>>,
        idle: Duration,
    ) -> Self {
        let mut body = Self { exchange: Some(exchange), framing, pool, idle, is_waiting: false };
        if body.framing.is_over() {
            body.finish();
        }
        body
    }

    /// Whether everything that is still to come was already read.
    pub(crate) fn is_at_hand(&self) -> bool {
        match (&self.exchange, self.framing.remaining()) {
            (None, _) => true,
            (Some(exchange), Some(left)) => exchange.has_read() as u64 >= left,
            (Some(_), None) => false,
        }
    }

    /// Gives the connection back if both directions ended cleanly, and closes it otherwise.
    fn finish(&mut self) {
        if let (Some(exchange), Some(pool)) = (self.exchange.take(), self.pool.take())
            && exchange.is_clean()
        {
            pool.put(exchange.into_connection(), self.idle);
        }
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Frame<Bytes>>, UpstreamError>> {
        loop {
            let Some(exchange) = &mut self.exchange else {
                return Poll::Ready(Ok(None));
            };
            exchange.poll_upload(cx)?;
            match self.framing.decode(&mut exchange.connection().read)? {
                Decoded::Data(data) => {
                    if self.framing.is_over() {
                        self.finish();
                    }
                    return Poll::Ready(Ok(Some(Frame::data(data))));
                }
                Decoded::Trailers(trailers) => {
                    self.finish();
                    return Poll::Ready(Ok(Some(Frame::trailers(trailers))));
                }
                Decoded::End => {
                    self.finish();
                    return Poll::Ready(Ok(None));
                }
                Decoded::More => {}
            }
            match ready!(exchange.connection().poll_fill(cx)).map_err(UpstreamError::Io)? {
                0 if self.framing == Framing::UntilClose => {
                    self.exchange = None;
                    return Poll::Ready(Ok(None));
                }
                0 => return Poll::Ready(Err(UpstreamError::Truncated)),
                _ => {}
            }
        }
    }

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<UpstreamError> {
        let Some(exchange) = &mut self.exchange else { return Poll::Pending };
        if !self.is_waiting {
            self.is_waiting = true;
            exchange.connection().be_patient(self.idle);
        }
        ready!(exchange.connection().poll_patience(cx));
        Poll::Ready(UpstreamError::IdleTimeout)
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        let outcome = match self.poll_next(cx) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => Err(ready!(self.poll_patience(cx))),
        };
        self.is_waiting = false;
        if outcome.is_err() {
            self.exchange = None;
        }
        Poll::Ready(outcome.transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.exchange.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.exchange, self.framing.remaining()) {
            (None, _) => SizeHint::with_exact(0),
            (Some(_), Some(remaining)) => SizeHint::with_exact(remaining),
            (Some(_), None) => SizeHint::default(),
        }
    }
}
