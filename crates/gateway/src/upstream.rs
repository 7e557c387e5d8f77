//! upstream: the permitted request on its way to a target, and the head of the answer.
//!
//! 1. HTTP/1.1, our own side of it (HTTP/2 is in [`multiplexed`]): one write for head and small body, strict framing
//!    (RFC 9112 section 6), no copy of header values.
//! 2. A connection goes back to the pool only when both bodies ended cleanly.
//! 3. Which target is asked, and whether a request is sent a second time, is decided by
//!    [`crate::balance`].

mod body;
mod connection;
mod error;
mod exchange;
mod framing;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod identity;
mod in_process;
mod multiplexed;
mod pool;
mod probe;
mod request_head;
mod response_head;
mod socket;
mod tunnel;
mod upload;
mod uri;

use std::sync::Arc;

use http::Response;
use http_body::Body as _;
use tokio::time::{Instant, timeout_at};

pub(crate) use body::UpstreamBody;
pub(crate) use error::UpstreamError;
pub(crate) use multiplexed::MultiplexedBody;
pub(crate) use pool::Pool;
pub(crate) use probe::probe;

use crate::action::HostHeader;
use crate::balance::{Attempts, Member};
use crate::body::GatewayBody;
use crate::config::{Limits, Protocol, Targets};
use crate::descriptors;
use crate::event::Event;
use crate::rejection::{Reason, Rejection};
use crate::request_body::RequestBody;
use crate::snapshot::BoundService;
use crate::stage::Outbound;
use crate::upgrade::Upgrade;
use connection::Connection;
use exchange::Exchange;
use request_head::Origin;
use response_head::ResponseHead;
use upload::Upload;

/// What sending needs besides the request.
pub(crate) struct Upstream<'a> {
    pub(crate) pool: &'a Arc<Pool>,
    pub(crate) auth: Option<&'a axum::Router>,
    pub(crate) limits: &'a Limits,
    pub(crate) scheme: &'static str,
    pub(crate) tunnels: tunnel::Tunnels<'a>,
}

pub(crate) use tunnel::Tunnels;

impl Upstream<'_> {
    /// Sends the request and waits for the head of the answer.
    pub(crate) async fn send(
        &self,
        outbound: &Outbound,
        body: RequestBody,
        upgrade: Option<Upgrade>,
        event: &mut Event,
    ) -> Result<Response<GatewayBody>, Rejection> {
        let bound =
            Arc::clone(&outbound.permitted().identified().admitted().matched().route().service);
        if matches!(bound.service.targets, Targets::InProcess) {
            return in_process::send(self.auth, outbound, body, self.limits, event).await;
        }
        if body.is_end_stream() {
            return self.send_over(&bound, outbound, body, upgrade, event).await;
        }
        // A body may go up for as long as its pieces come, and no longer than its session lives.
        let guard = self.tunnels.guard(outbound);
        let sent = Box::pin(self.send_over(&bound, outbound, body, upgrade, event));
        tokio::select! {
            sent = sent => sent,
            () = tunnel::session_over(guard) => Err(ended_meanwhile(outbound)),
        }
    }

    async fn send_over(
        &self,
        bound: &Arc<BoundService>,
        outbound: &Outbound,
        body: RequestBody,
        upgrade: Option<Upgrade>,
        event: &mut Event,
    ) -> Result<Response<GatewayBody>, Rejection> {
        if bound.service.protocol == Protocol::H2 {
            return multiplexed::send(self, bound, outbound, body, event).await;
        }
        match self.exchange(bound, outbound, body, event).await {
            Ok((exchange, head)) => self.answer(bound, exchange, head, upgrade, outbound),
            Err(error) => Err(error.into_rejection(event.target())),
        }
    }

    /// Asks one target after the other, as far as [`Attempts`] allows.
    async fn exchange(
        &self,
        bound: &BoundService,
        outbound: &Outbound,
        body: RequestBody,
        event: &mut Event,
    ) -> Result<(Box<Exchange>, ResponseHead), UpstreamError> {
        let matched = outbound.permitted().identified().admitted().matched();
        let clean = matched.clean();
        let mut origin = Origin::of(event, self.scheme);
        let host = matched.route().actions().host;
        let mut upload = Upload::new(outbound, &origin, body, self.limits);
        let may_repeat = upload.is_empty() && clean.method().is_idempotent();
        let mut attempts = bound.balancer.attempts(outbound, may_repeat)?;
        let limit = attempts.connect_limit(bound.service.timeouts.connect);
        bound.balancer.targets_are_known(limit).await;
        let mut failed = UpstreamError::NoTarget;
        loop {
            let Some(member) = attempts.next_target() else { return Err(failed) };
            let target = &member.target;
            event.set_target(&target.authority);
            let connection = match self.connect(bound, &member, &attempts).await {
                Ok(connection) => connection,
                Err(error) if attempts.after_connecting(target, &error) => {
                    failed = error;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let is_kept = connection.is_kept();
            if host == HostHeader::Rewrite {
                origin.host = Some(Arc::clone(&member.host));
                upload = upload.rewound(outbound, &origin);
            }
            let mut exchange = Exchange::new(connection, upload, clean.method().clone());
            let head = exchange.response_head(bound.service.timeouts.response);
            let head = in_time(head, attempts.response_deadline()).await;
            match head.map_err(|error| exchange.blame(error)) {
                Ok(head) if attempts.after_answer(target, head.status()) => {}
                Ok(mut head) => {
                    if let Some(cookie) = attempts.cookie(target) {
                        head.add_cookie(cookie);
                    }
                    exchange.hold(attempts.into_lease());
                    return Ok((exchange, head));
                }
                Err(error) if attempts.after_failure(target, &error, is_kept) => failed = error,
                Err(error) => return Err(error),
            }
            upload = exchange.into_upload().rewound(outbound, &origin);
        }
    }

    /// A connection to the target, a kept one where there is one and it will do.
    async fn connect(
        &self,
        bound: &BoundService,
        member: &Member,
        attempts: &Attempts<'_>,
    ) -> Result<Connection, UpstreamError> {
        let key = member.pool_key(bound.balancer.counts_connections());
        if !attempts.needs_new_connection()
            && let Some(connection) = self.pool.take(key)
        {
            return Ok(connection);
        }
        if descriptors::are_used_up() {
            self.pool.make_room();
        }
        let limit = attempts.connect_limit(bound.service.timeouts.connect);
        let place = bound.balancer.connection_place(Instant::now() + limit).await?;
        Connection::open(member, key, place, limit).await
    }

    fn answer(
        &self,
        bound: &BoundService,
        exchange: Box<Exchange>,
        head: ResponseHead,
        upgrade: Option<Upgrade>,
        outbound: &Outbound,
    ) -> Result<Response<GatewayBody>, Rejection> {
        if head.is_switching() {
            return self.tunnels.switch(exchange, head, upgrade, outbound);
        }
        let clean = outbound.permitted().identified().admitted().matched().clean();
        if clean.is_extended_connect() && head.is_success() {
            // To an extended CONNECT this would say that the WebSocket is open.
            return Err(bad_gateway("the WebSocket was not opened".to_owned()));
        }
        let idle = bound.service.timeouts.idle;
        let (parts, framing, keep_alive) = head.into_parts();
        let pool = keep_alive.then(|| Arc::clone(self.pool));
        let body = UpstreamBody::new(exchange, framing, pool, idle);
        Ok(Response::from_parts(parts, GatewayBody::upstream(body)))
    }
}

/// The head of an answer, if it comes before the deadline, where there is one.
async fn in_time(
    head: impl Future<Output = Result<ResponseHead, UpstreamError>>,
    deadline: Option<Instant>,
) -> Result<ResponseHead, UpstreamError> {
    match deadline {
        None => head.await,
        Some(deadline) => {
            timeout_at(deadline, head).await.unwrap_or(Err(UpstreamError::ResponseTimeout))
        }
    }
}

/// What the request was let in by is over while its body is still coming.
fn ended_meanwhile(outbound: &Outbound) -> Rejection {
    let identified = outbound.permitted().identified();
    let identity = identified.identity();
    match identity.authenticator().filter(|_| identity.session().is_none()) {
        None => Rejection::ended_meanwhile(),
        Some(authenticator) => {
            let guard = identified.admitted().matched().route().guard();
            let challenges = guard.map(|guard| Arc::clone(&guard.challenges));
            Rejection::credential_ended(authenticator, challenges.unwrap_or_default())
        }
    }
}

/// A refusal for which the target is to blame.
fn bad_gateway(detail: String) -> Rejection {
    Rejection::new(Reason::BadGateway, detail)
}
