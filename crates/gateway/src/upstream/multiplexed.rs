//! A service that speaks HTTP/2: many exchanges over few connections, none of them buffered.
//!
//! 1. Without TLS by prior knowledge (RFC 9113 section 3.3); whoever opens a connection with TLS
//!    hands it to [`pool`] in the same way.
//! 2. A request that the target has certainly not looked at (`REFUSED_STREAM`, a GOAWAY below it)
//!    is sent again, as long as its beginning is still at hand (RFC 9113 section 8.7). One that it
//!    may have looked at is repeated as in HTTP/1.1: if it is idempotent and without a body.
//! 3. Deadlines are those of HTTP/1.1, but once an answer has begun, silence is judged by both
//!    directions together: of a gRPC stream, one half may be silent for as long as it likes. What
//!    the caller of a gRPC method grants in `grpc-timeout` bounds the wait for the answer's head.

mod body;
mod failure;
mod pool;
mod request;
mod upload;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::header::{HeaderValue, SET_COOKIE};
use http::{HeaderMap, Response, StatusCode, Version};
use hyper::body::Incoming;
use smallvec::SmallVec;
use tokio::time::{Instant, timeout_at};

use super::request_head::Origin;
use super::{Upstream, UpstreamError, bad_gateway};
use crate::action::HostHeader;
use crate::balance::{Lease as Held, Member};
use crate::body::GatewayBody;
use crate::config::Timeouts;
use crate::event::Event;
use crate::grpc;
use crate::hop_by_hop;
use crate::patience::Patience;
use crate::rejection::Rejection;
use crate::request_body::RequestBody;
use crate::snapshot::BoundService;
use crate::stage::Outbound;
use failure::Failure;
use pool::Lease;
use upload::{Sending, Upload};

pub(crate) use body::MultiplexedBody;
pub(super) use pool::Connections;

/// How often a request is sent again.
const MAX_REPEATS: u32 = 2;

/// Sends the request and waits for the head of the answer.
pub(super) async fn send(
    upstream: &Upstream<'_>,
    bound: &BoundService,
    outbound: &Outbound,
    body: RequestBody,
    event: &mut Event,
) -> Result<Response<GatewayBody>, Rejection> {
    let clean = outbound.permitted().identified().admitted().matched().clean();
    if clean.wants_websocket() {
        // A target that speaks HTTP/2 alone could not switch, and must not seem to have.
        return Err(bad_gateway("a service with `protocol: h2` has no WebSocket".to_owned()));
    }
    let deadline = grpc::timeout(clean.fields())
        .filter(|_| grpc::is_call(Version::HTTP_2, clean.fields()))
        .and_then(|patience| Instant::now().checked_add(patience));
    let exchange = exchange(upstream, bound, outbound, body, event);
    let answered = match deadline {
        None => exchange.await,
        Some(deadline) => {
            timeout_at(deadline, exchange).await.unwrap_or(Err(UpstreamError::DeadlineExceeded))
        }
    };
    answered.map_err(|error| error.into_rejection(event.target()))
}

async fn exchange(
    upstream: &Upstream<'_>,
    bound: &BoundService,
    outbound: &Outbound,
    body: RequestBody,
    event: &mut Event,
) -> Result<Response<GatewayBody>, UpstreamError> {
    let admitted = outbound.permitted().identified().admitted();
    let method = admitted.matched().clean().method();
    let matched = admitted.matched();
    let mut origin = Origin::of(event, upstream.scheme);
    let rewrites_host = matched.route().actions().host == HostHeader::Rewrite;
    let upload = Upload::new(body, admitted.body_limit(), upstream.limits.body_timeout);
    let timeouts = &bound.service.timeouts;
    let may_repeat = upload.is_empty() && method.is_idempotent();
    let mut attempts = bound.balancer.attempts(outbound, may_repeat)?;
    let limit = attempts.connect_limit(timeouts.connect);
    bound.balancer.targets_are_known(limit).await;
    let mut failed = UpstreamError::NoTarget;
    let mut unpaid = 0;
    loop {
        let Some(member) = attempts.next_target() else { return Err(failed) };
        let target = &member.target;
        event.set_target(&target.authority);
        let limit = attempts.connect_limit(timeouts.connect);
        let lease = upstream.pool.multiplexed().lease(&member, limit, timeouts.idle).await;
        let mut lease = match lease {
            Ok(lease) => lease,
            Err(error) if attempts.after_connecting(target, &error) => {
                failed = error;
                continue;
            }
            Err(error) => return Err(error),
        };
        origin.host = rewrites_host.then(|| Arc::clone(&member.host));
        let request = request::write(outbound, &origin, member.tls.is_some(), upload.sending())?;
        let head = head(&mut lease, request, &upload, timeouts.response);
        let head = in_time(head, attempts.response_deadline()).await;
        match head.map_err(|failure| failure.blame(&upload)) {
            Ok(response) if attempts.after_answer(target, response.status()) => {}
            Ok(response) => {
                let cookie = attempts.cookie(target);
                return answer(response, cookie, upload, lease, attempts.into_lease(), timeouts);
            }
            Err(failure) => {
                if failure.is_silence() {
                    lease.retire();
                }
                // As with a kept connection that turns out to be closed: nobody is to blame.
                let is_free = unpaid < MAX_REPEATS
                    && upload.is_repeatable()
                    && (failure.is_unseen()
                        || failure.is_broken() && lease.is_kept() && may_repeat);
                let error = failure.into_error();
                if is_free {
                    unpaid += 1;
                } else if !attempts.after_failure(target, &error, false) {
                    return Err(error);
                }
                failed = error;
            }
        }
    }
}

/// The status of the answer to a `GET` on a connection of its own: a health check.
pub(super) async fn ask(
    member: &Member,
    path: &str,
    limit: Duration,
) -> Result<StatusCode, UpstreamError> {
    let connections = Connections::default();
    let mut lease = connections.lease(member, limit, limit).await?;
    let upload = Upload::none();
    let request = request::get(member, path, upload.sending())?;
    let head = head(&mut lease, request, &upload, limit).await;
    head.map(|response| response.status()).map_err(Failure::into_error)
}

/// The head of an answer, if it comes before the deadline, where there is one.
async fn in_time(
    head: impl Future<Output = Result<Response<Incoming>, Failure>>,
    deadline: Option<Instant>,
) -> Result<Response<Incoming>, Failure> {
    match deadline {
        None => head.await,
        Some(deadline) => timeout_at(deadline, head)
            .await
            .unwrap_or(Err(Failure::Error(UpstreamError::ResponseTimeout))),
    }
}

/// The head of the final answer, at most `patience` after the last progress of the request.
async fn head(
    lease: &mut Lease,
    request: http::Request<Sending>,
    upload: &Upload,
    patience: Duration,
) -> Result<Response<Incoming>, Failure> {
    let mut answer = pin!(lease.sender().send_request(request));
    let mut progress = upload.progress();
    let mut deadline = Patience::until(Instant::now() + patience);
    let head = poll_fn(|cx| {
        if let Poll::Ready(head) = answer.as_mut().poll(cx) {
            return Poll::Ready(head.map_err(Failure::of));
        }
        if upload.progress() != progress {
            progress = upload.progress();
            deadline.move_to(Instant::now() + patience);
        }
        while Pin::new(&mut deadline).poll(cx).is_ready() {
            // A target that was not sent everything yet owes nobody an answer.
            if !upload.is_waiting() {
                return Poll::Ready(Err(Failure::Error(UpstreamError::ResponseTimeout)));
            }
            deadline.move_to(Instant::now() + patience);
        }
        Poll::Pending
    })
    .await;
    // The downstream's failures show as a broken stream; they are told as what they are.
    match upload.take_failure() {
        Some(failure) => Err(Failure::Error(failure)),
        None => head,
    }
}

fn answer(
    response: Response<Incoming>,
    cookie: Option<HeaderValue>,
    upload: Upload,
    lease: Lease,
    held: Held,
    timeouts: &Timeouts,
) -> Result<Response<GatewayBody>, UpstreamError> {
    let (mut parts, body) = response.into_parts();
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(UpstreamError::Malformed("101 in HTTP/2"));
    }
    strip(&mut parts.headers);
    if let Some(cookie) = cookie {
        parts.headers.append(SET_COOKIE, cookie);
    }
    let body = MultiplexedBody::new(body, upload, (lease, held), timeouts.idle);
    Ok(Response::from_parts(parts, GatewayBody::multiplexed(body)))
}

/// Removes what concerns connections only; `Trailer` says what comes, and stays.
fn strip(headers: &mut HeaderMap) {
    let removed: SmallVec<[_; 2]> = headers
        .keys()
        .filter(|name| {
            hop_by_hop::is_hop_by_hop(name.as_str().as_bytes()) && *name != http::header::TRAILER
        })
        .cloned()
        .collect();
    for name in removed {
        headers.remove(name);
    }
}
