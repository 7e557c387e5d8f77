//! One request, from the head to the answer: the whole way on one screen.

use std::net::SocketAddr;

use http::header::{HeaderName, HeaderValue};
use http::{Request, Response, Version};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use symbolon_core::Timestamp;

use crate::body::GatewayBody;
use crate::decide::{Grounds, decide};
use crate::event::Event;
use crate::hop_by_hop;
use crate::rejection::Rejection;
use crate::rejection::render::Audience;
use crate::request_body::RequestBody;
use crate::settle::Settle;
use crate::snapshot::Snapshot;
use crate::stage::{Ingress, login};
use crate::upstream::{Tunnels, Upstream};
use crate::worker::Worker;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers a request. Whatever goes wrong is an answer too.
pub(crate) async fn handle(
    worker: &Worker,
    peer: SocketAddr,
    request: Request<RequestBody>,
) -> Response<GatewayBody> {
    let snapshot = worker.shared.snapshot.load_full();
    let now = worker.shared.clock.now();
    let mut event = Box::new(worker.begin_event(peer, now));
    let wants_page = login::wants_page(request.method(), request.headers());
    let mut response = match serve(worker, &snapshot, (peer, now), request, &mut event).await {
        Ok(response) => response,
        Err(rejection) => {
            let audience = Audience {
                request_id: event.request_id(),
                wants_page,
                login_path: &worker.shared.config.login_path,
                forget_cookie: &worker.shared.forget_cookie,
            };
            let response = rejection.render(&audience).map(GatewayBody::full);
            event.rejected(rejection);
            response
        }
    };
    sign(&mut response, event.request_id());
    event.answered(response.status());
    response.map(|body| body.with_event(event))
}

async fn serve(
    worker: &Worker,
    snapshot: &Snapshot,
    (peer, now): (SocketAddr, Timestamp),
    mut request: Request<RequestBody>,
    event: &mut Event,
) -> Result<Response<GatewayBody>, Rejection> {
    let shared = &worker.shared;
    let config = &shared.config;
    let upgrade = upgrade_of(&mut request);
    let (head, body) = request.into_parts();
    let grounds = Grounds {
        ingress: Ingress {
            peer,
            limits: &config.limits,
            session_cookie: &shared.session_cookie,
            trusted_proxies: &snapshot.trusted_proxies,
            set_aside: &snapshot.set_aside,
        },
        limits: &config.limits,
        snapshot,
        sessions: &shared.sessions,
        keys: &shared.keys,
        now,
    };
    let outbound = decide(head, body.size_hint().exact(), &grounds, event).await?;
    let upstream = Upstream {
        pool: &worker.pool,
        auth: shared.auth.as_ref(),
        limits: &config.limits,
        scheme: snapshot.scheme,
        tunnels: Tunnels { sessions: &shared.sessions, clock: &shared.clock },
    };
    let reply = upstream.send(&outbound, body, upgrade, event).await?;
    let settle = Settle {
        sessions: &shared.sessions,
        random: &shared.random,
        cookie: &config.session_cookie,
        forget_cookie: &shared.forget_cookie,
        clock: &shared.clock,
        now,
    };
    settle.settle(reply, &outbound).await
}

/// The way to the raw connection, where the request wants one.
fn upgrade_of(request: &mut Request<RequestBody>) -> Option<OnUpgrade> {
    hop_by_hop::upgrade_wanted(request.method(), request.headers())?;
    Some(hyper::upgrade::on(request))
}

/// Puts on every answer what every answer has.
fn sign(response: &mut Response<GatewayBody>, request_id: &str) {
    *response.version_mut() = Version::HTTP_11;
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
}
