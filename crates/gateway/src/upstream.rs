//! upstream: the permitted request on its way to a target, and the head of the answer.
//!
//! 1. HTTP/1.1, our own side of it (HTTP/2 is in [`multiplexed`]): one write for head and small body, strict framing
//!    (RFC 9112 section 6), no copy of header values.
//! 2. A connection goes back to the pool only when both bodies ended cleanly.
//! 3. A request is sent a second time only if it is idempotent, has no body, and a kept
//!    connection was closed before the first byte of an answer (RFC 9110 section 9.2.2).

mod body;
mod chunked;
mod connection;
mod error;
mod exchange;
mod framing;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod in_process;
mod multiplexed;
mod pool;
mod request_head;
mod response_head;
mod socket;
mod tunnel;
mod upload;

use std::sync::Arc;

use http::Response;
use hyper::upgrade::OnUpgrade;

pub(crate) use body::UpstreamBody;
pub(crate) use error::UpstreamError;
pub(crate) use multiplexed::MultiplexedBody;
pub(crate) use pool::Pool;

use crate::action::HostHeader;
use crate::body::GatewayBody;
use crate::config::{Limits, Protocol, Targets};
use crate::event::Event;
use crate::rejection::{Reason, Rejection};
use crate::request_body::RequestBody;
use crate::snapshot::BoundService;
use crate::stage::Outbound;
use connection::Connection;
use exchange::Exchange;
use request_head::Origin;
use response_head::ResponseHead;
use upload::Upload;

/// How many targets are tried when they cannot be connected to.
const MAX_CONNECTS: u32 = 3;

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
        upgrade: Option<OnUpgrade>,
        event: &mut Event,
    ) -> Result<Response<GatewayBody>, Rejection> {
        let bound =
            Arc::clone(&outbound.permitted().identified().admitted().matched().route().service);
        if matches!(bound.service.targets, Targets::InProcess) {
            return in_process::send(self.auth, outbound, body, self.limits, event).await;
        }
        if bound.service.protocol == Protocol::H2 {
            return multiplexed::send(self, &bound, outbound, body, event).await;
        }
        match self.exchange(&bound, outbound, body, event).await {
            Ok((exchange, head)) => self.answer(&bound, exchange, head, upgrade, outbound),
            Err(error) => Err(error.into_rejection(event.target())),
        }
    }

    async fn exchange(
        &self,
        bound: &BoundService,
        outbound: &Outbound,
        body: RequestBody,
        event: &mut Event,
    ) -> Result<(Box<Exchange>, ResponseHead), UpstreamError> {
        let clean = outbound.permitted().identified().admitted().matched().clean();
        let matched = outbound.permitted().identified().admitted().matched();
        let mut origin = Origin::of(event, self.scheme);
        let host = matched.route().route.actions.host;
        let mut upload = Upload::new(outbound, &origin, body, self.limits);
        let mut may_repeat = upload.is_empty() && clean.method().is_idempotent();
        loop {
            let connection = self.connect(bound, event).await?;
            let is_kept = connection.is_kept();
            if host == HostHeader::Rewrite {
                origin.host = Some(Arc::from(event.target()));
                upload = upload.rewound(outbound, &origin);
            }
            let mut exchange = Exchange::new(connection, upload, clean.method().clone());
            match exchange.response_head(bound.service.timeouts.response).await {
                Ok(head) => return Ok((exchange, head)),
                Err(UpstreamError::Closed) if is_kept && may_repeat => {
                    may_repeat = false;
                    upload = exchange.into_upload().rewound(outbound, &origin);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// A connection to the next target. One that cannot be reached has seen nothing of the
    /// request, so the one after it may be asked, whatever the method.
    async fn connect(
        &self,
        bound: &BoundService,
        event: &mut Event,
    ) -> Result<Connection, UpstreamError> {
        let mut failed = UpstreamError::NoTarget;
        for _ in 0..MAX_CONNECTS {
            let target = bound.next_target().ok_or(UpstreamError::NoTarget)?;
            event.set_target(&target.authority);
            if let Some(connection) = self.pool.take(target.pool_key()) {
                return Ok(connection);
            }
            match Connection::open(target, bound.service.timeouts.connect).await {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn answer(
        &self,
        bound: &BoundService,
        exchange: Box<Exchange>,
        head: ResponseHead,
        upgrade: Option<OnUpgrade>,
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

/// A refusal for which the target is to blame.
fn bad_gateway(detail: String) -> Rejection {
    Rejection::new(Reason::BadGateway, detail)
}
