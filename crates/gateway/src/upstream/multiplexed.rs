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

use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::{HeaderMap, Response, StatusCode, Version};
use hyper::body::Incoming;
use smallvec::SmallVec;
use tokio::time::{Instant, timeout_at};

use super::request_head::Origin;
use super::{MAX_CONNECTS, Upstream, UpstreamError, bad_gateway};
use crate::action::HostHeader;
use crate::body::GatewayBody;
use crate::config::{Target, Timeouts};
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
    if clean.upgrade().is_some() {
        // A target that speaks HTTP/2 alone could not switch, and must not seem to have.
        return Err(bad_gateway("a service with `protocol: h2` has no WebSocket".to_owned()));
    }
    let deadline = grpc::timeout(clean.headers())
        .filter(|_| grpc::is_call(Version::HTTP_2, clean.headers()))
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
    let mut origin = Origin::of(event, upstream.scheme);
    let rewrites_host = admitted.matched().route().route.actions.host == HostHeader::Rewrite;
    let upload = Upload::new(body, admitted.body_limit(), upstream.limits.body_timeout);
    let timeouts = &bound.service.timeouts;
    let mut repeats = 0;
    loop {
        let (mut lease, target) = connect(upstream, bound, event).await?;
        origin.host = rewrites_host.then(|| Arc::clone(&target.authority));
        let request = request::write(outbound, &origin, target.tls.is_some(), upload.sending());
        match head(&mut lease, request, &upload, timeouts.response).await {
            Ok(response) => return answer(response, upload, lease, timeouts),
            Err(failure) => {
                if failure.is_silence() {
                    lease.retire();
                }
                let may_repeat = repeats < MAX_REPEATS
                    && upload.is_repeatable()
                    && (failure.is_unseen()
                        || failure.is_broken()
                            && lease.is_kept()
                            && upload.is_empty()
                            && method.is_idempotent());
                if !may_repeat {
                    return Err(failure.into_error());
                }
                repeats += 1;
            }
        }
    }
}

/// Room for a stream on a connection to the next target. One that cannot be reached has seen
/// nothing of the request, so the one after it may be asked, whatever the method.
async fn connect<'a>(
    upstream: &Upstream<'_>,
    bound: &'a BoundService,
    event: &mut Event,
) -> Result<(Lease, &'a Target), UpstreamError> {
    let timeouts: &Timeouts = &bound.service.timeouts;
    let mut failed = UpstreamError::NoTarget;
    for _ in 0..MAX_CONNECTS {
        let target = bound.next_target().ok_or(UpstreamError::NoTarget)?;
        event.set_target(&target.authority);
        match upstream.pool.multiplexed().lease(target, timeouts).await {
            Ok(lease) => return Ok((lease, target)),
            Err(error) => failed = error,
        }
    }
    Err(failed)
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
        Pin::new(&mut deadline)
            .poll(cx)
            .map(|()| Err(Failure::Error(UpstreamError::ResponseTimeout)))
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
    upload: Upload,
    lease: Lease,
    timeouts: &Timeouts,
) -> Result<Response<GatewayBody>, UpstreamError> {
    let (mut parts, body) = response.into_parts();
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(UpstreamError::Malformed("101 in HTTP/2"));
    }
    strip(&mut parts.headers);
    let body = MultiplexedBody::new(body, upload, lease, timeouts.idle);
    Ok(Response::from_parts(parts, GatewayBody::multiplexed(body)))
}

/// Removes what concerns connections only; `Trailer` says what comes, and stays.
fn strip(headers: &mut HeaderMap) {
    let removed: SmallVec<[_; 2]> = headers
        .keys()
        .filter(|name| hop_by_hop::is_hop_by_hop(name.as_str()) && *name != http::header::TRAILER)
        .cloned()
        .collect();
    for name in removed {
        headers.remove(name);
    }
}
