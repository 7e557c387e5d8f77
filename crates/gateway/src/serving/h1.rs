//! HTTP/1.1 from a downstream (RFC 9112): one request after the other, each answered before the
//! next is looked at.

mod answer;
mod answering;
mod body;
mod coming;
mod date;
#[cfg(fuzzing)]
pub(super) mod fuzzing;
mod lingering;
mod out;
mod parse;
mod wire;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use http::{Method, StatusCode};
use parking_lot::Mutex;
use tokio::io::AsyncWrite as _;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Protocol;
use crate::body::GatewayBody;
use crate::downstream::Downstream;
use crate::downstream_stream::DownstreamStream;
use crate::drain::Draining;
use crate::handle::{handle, refuse};
use crate::hop_by_hop::wants_websocket;
use crate::patience::Patience;
use crate::rejection::{Reason, Rejection};
use crate::request_body::RequestBody;
use crate::rewound::Rewound;
use crate::upgrade::Upgrade;
use crate::worker::Worker;
use answer::Asked;
use out::Out;
use parse::Parsed;
use wire::{Input, Wire};

pub(crate) use body::Http1Body;
pub(crate) use parse::judge;

/// A connection, and what it is served with.
struct Connection<'a> {
    worker: &'a Arc<Worker>,
    downstream: &'a Downstream,
    wire: Arc<Mutex<Wire>>,
    out: Out,
    drain: Draining,
    /// Whether idle connections are to be closed.
    is_ending: bool,
}

/// What becomes of a connection after an answer.
enum After {
    /// The next request may come.
    Next,
    /// It is over.
    Close,
    /// It is over, and the client may still be sending, above all where a body of it is coming.
    Linger { is_coming: bool },
}

/// Serves it to its end; gives it back where it begins as HTTP/2 does and may.
pub(super) async fn serve(
    worker: &Arc<Worker>,
    io: DownstreamStream,
    downstream: &Downstream,
    protocol: Protocol,
    drain: Draining,
) -> Option<Rewound<DownstreamStream>> {
    let wire = Arc::new(Mutex::new(Wire::new(io)));
    let out = Out::default();
    let mut connection = Connection { worker, downstream, wire, out, drain, is_ending: false };
    let mut takes_http2 = protocol == Protocol::Either;
    let mut draining = connection.drain.clone();
    let mut draining = pin!(draining.ended());
    let mut patience = Patience::until(Instant::now() + worker.shared.config.limits.head_timeout);
    let after = loop {
        let input = connection.next(takes_http2, draining.as_mut(), &mut patience).await;
        let after = match input {
            Ok(Input::End) => After::Close,
            Ok(Input::Request(request)) => connection.answer(*request).await,
            Ok(Input::Http2) => {
                let (io, early) = connection.wire.lock().take()?;
                return Some(Rewound::with(io, early));
            }
            Err(rejection) => connection.refuse(rejection).await,
        };
        if !matches!(after, After::Next) {
            break after;
        }
        takes_http2 = false;
        patience.move_to(Instant::now() + worker.shared.config.limits.head_timeout);
    };
    if let After::Linger { is_coming } = after {
        lingering::linger(&connection.wire, is_coming, &mut connection.drain).await;
    } else {
        let wire = &connection.wire;
        // A client that is gone already needs no good-bye.
        let _ = poll_fn(|cx| match wire.lock().io() {
            Ok(io) => io.poll_shutdown(cx),
            Err(error) => Poll::Ready(Err(error)),
        })
        .await;
    }
    connection.wire.lock().take();
    None
}

impl Connection<'_> {
    /// Waits for the next request; not for ever, and not at the end of everything. Who may have one
    /// under way to us is not hung up on for another process's sake: the next answer says that it is
    /// the last.
    async fn next(
        &mut self,
        takes_http2: bool,
        mut draining: Pin<&mut impl Future<Output = ()>>,
        patience: &mut Patience,
    ) -> Result<Input, Rejection> {
        let limits = &self.worker.shared.config.limits;
        poll_fn(|cx| {
            let mut wire = self.wire.lock();
            if let Poll::Ready(input) = wire.poll_head(cx, limits, takes_http2) {
                return Poll::Ready(input);
            }
            self.is_ending = self.is_ending || draining.as_mut().poll(cx).is_ready();
            let is_late = Pin::new(&mut *patience).poll(cx).is_ready();
            match (wire.has_begun(), self.is_ending, is_late) {
                (true, _, true) => {
                    Poll::Ready(Err(Rejection::new(Reason::RequestTimeout, "the head")))
                }
                (false, true, _) | (false, _, true) => Poll::Ready(Ok(Input::End)),
                (_, _, false) => Poll::Pending,
            }
        })
        .await
    }

    /// Answers a request.
    async fn answer(&mut self, request: Parsed) -> After {
        let Parsed { head, keep_alive, takes_trailers, .. } = request;
        let is_head = head.method == Method::HEAD;
        let (version, now) = (head.version, self.worker.shared.clock.now());
        let (upgrade, switched) = if wants_websocket(&head) {
            let (sender, receiver) = oneshot::channel();
            (Some(Upgrade::Http1(receiver)), Some(sender))
        } else {
            (None, None)
        };
        let body = self.body();
        let response = {
            let handled = handle(self.worker, (self.downstream, now), head, body, upgrade);
            match unless_gone(&self.wire, pin!(handled)).await {
                Some(response) => response,
                None => return After::Close,
            }
        };
        let is_whole = self.has_whole_body();
        let keep_alive = keep_alive && is_whole && !self.drain.has_begun();
        let asked = Asked { version, is_head, keep_alive, takes_trailers, now };
        let is_switching = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let after = self.send(response, &asked).await;
        if let (true, Some(switched)) = (is_switching, switched)
            && let Some((io, early)) = self.wire.lock().take()
        {
            // Nobody waits for it when its tunnel is over already.
            let _ = switched.send(Rewound::with(io, early));
        }
        after
    }

    /// Says no to what is no request.
    async fn refuse(&mut self, rejection: Rejection) -> After {
        // Who took too long for a head is not waited for again.
        let is_coming = rejection.reason != Reason::RequestTimeout;
        let response = refuse(self.worker, self.downstream, rejection);
        let asked = Asked {
            version: http::Version::HTTP_11,
            is_head: false,
            keep_alive: false,
            takes_trailers: false,
            now: self.worker.shared.clock.now(),
        };
        self.send(response, &asked).await;
        After::Linger { is_coming }
    }

    async fn send(&mut self, response: http::Response<GatewayBody>, asked: &Asked) -> After {
        let is_too_late = response.status() == StatusCode::REQUEST_TIMEOUT;
        match answering::send(&self.wire, &mut self.out, response, asked).await {
            Ok(keep_alive) => match (self.wire.lock().is_body_over(), keep_alive) {
                (true, true) => After::Next,
                (is_over, _) => After::Linger { is_coming: !is_over && !is_too_late },
            },
            Err(error) => {
                let (peer, error) = (self.downstream.peer, symbolon_core::error::chain(&error));
                tracing::debug!(%peer, error, "connection ended");
                // Nothing may look like the end of what did not come to its end.
                self.wire.lock().take();
                After::Close
            }
        }
    }

    /// Whether all of the body has come, or what nobody wants of it has.
    fn has_whole_body(&self) -> bool {
        let is_wanted = Arc::strong_count(&self.wire) > 1;
        let mut wire = self.wire.lock();
        wire.is_body_over() || (!is_wanted && wire.skip_body())
    }

    fn body(&self) -> RequestBody {
        let wire = self.wire.lock();
        if wire.is_body_over() {
            return RequestBody::Empty;
        }
        RequestBody::Http1(Http1Body::new(&self.wire, wire.body_remaining()))
    }
}

/// What is waited for, unless the client goes away meanwhile.
async fn unless_gone<T>(
    wire: &Mutex<Wire>,
    mut waited_for: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    poll_fn(|cx| match waited_for.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => wire.lock().poll_gone(cx).map(|()| None),
    })
    .await
}
