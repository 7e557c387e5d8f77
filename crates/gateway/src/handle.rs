//! One request, from the head to the answer: the whole way on one screen.

use http::header::{HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY};
use http::{Response, Version};
use http_body::Body as _;
use symbolon_core::Timestamp;

use crate::body::GatewayBody;
use crate::decide::{Decision, Grounds, decide};
use crate::downstream::Downstream;
use crate::event::Event;
use crate::head::Head;
use crate::limit;
use crate::redirect;
use crate::rejection::Rejection;
use crate::rejection::render::{Audience, Form};
use crate::request_body::RequestBody;
use crate::settle::Settle;
use crate::signed_body;
use crate::snapshot::Snapshot;
use crate::stage::Ingress;
use crate::upgrade::Upgrade;
use crate::upstream::{Tunnels, Upstream};
use crate::worker::Worker;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request as it came in.
struct Request {
    head: Head,
    body: RequestBody,
    upgrade: Option<Upgrade>,
}

/// Answers a request. Whatever goes wrong is an answer too.
pub(crate) async fn handle(
    worker: &Worker,
    (downstream, now): (&Downstream, Timestamp),
    head: Head,
    body: RequestBody,
    upgrade: Option<Upgrade>,
) -> Response<GatewayBody> {
    let snapshot = worker.shared.snapshot.load_full();
    let mut event = Box::new(worker.begin_event(downstream.peer, now));
    let (version, form) = (head.version, Form::of(&head));
    let request = Request { head, body, upgrade };
    let mut response = match serve(worker, &snapshot, (downstream, now), request, &mut event).await
    {
        Ok(response) => response,
        Err(rejection) => reject(worker, rejection, form, version, &mut event),
    };
    dress(&mut response, downstream, &event);
    if let Some(timing) = &worker.shared.config.server_timing {
        event.tell_stages(timing, &snapshot.hierarchy, response.headers_mut());
    }
    sign(&mut response, version, event.request_id(), downstream);
    event.answered(response.status());
    response.body_mut().end_event(event);
    response
}

async fn serve(
    worker: &Worker,
    snapshot: &Snapshot,
    (downstream, now): (&Downstream, Timestamp),
    request: Request,
    event: &mut Event,
) -> Result<Response<GatewayBody>, Rejection> {
    let shared = &worker.shared;
    let config = &shared.config;
    let Request { head, body, upgrade } = request;
    if config.server_timing.is_some() {
        event.measured();
    }
    if let Some(tracer) = &shared.tracer {
        let is_trusted = snapshot.trusted_proxies.contains(downstream.peer.ip());
        event.traced(tracer, &head.fields, is_trusted);
    }
    let grounds = Grounds {
        ingress: Ingress {
            peer: &downstream.source,
            scheme: downstream.scheme(snapshot.scheme),
            limits: &config.limits,
            session_cookie: &shared.session_cookie,
            trusted_proxies: &snapshot.trusted_proxies,
            identity_headers: &snapshot.identity_headers,
            set_aside: &snapshot.set_aside,
        },
        downstream,
        listeners: &config.listeners,
        limits: &config.limits,
        snapshot,
        sessions: &shared.sessions,
        keys: &shared.keys,
        clients: &shared.clients,
        replays: &shared.replays,
        passwords: &shared.passwords,
        now,
        is_dry: false,
    };
    if let Some(site) = &downstream.listener.redirect_to {
        return Err(redirect::to(site, head, &grounds.ingress, event));
    }
    let outbound = match decide(head, body.size_hint().exact(), &grounds, event).await? {
        Decision::Forward(outbound) => outbound,
        Decision::Answer(mut answer) => {
            change_headers(&mut answer, event);
            return Ok(answer);
        }
    };
    let upstream = Upstream {
        pool: &worker.pool,
        auth: shared.auth.as_ref(),
        limits: &config.limits,
        scheme: snapshot.scheme,
        tunnels: Tunnels {
            sessions: &shared.sessions,
            clients: &shared.clients,
            clock: &shared.clock,
            patience: config.limits.body_timeout,
        },
    };
    let body = signed_body::checked(body, &outbound, &config.limits).await?;
    let body = body.without_trailers(&snapshot.no_trailers);
    event.asks();
    let response = upstream.send(&outbound, body, upgrade, event).await;
    event.is_answered();
    let mut response = response?;
    let settle = Settle {
        sessions: &shared.sessions,
        clients: &shared.clients,
        random: &shared.random,
        cookie: &config.session_cookie,
        forget_cookie: &shared.forget_cookie,
        clock: &shared.clock,
        now,
    };
    settle.settle(&mut response, &outbound).await?;
    change_headers(&mut response, event);
    Ok(response)
}

/// Changes the headers of an answer as its route says.
fn change_headers(response: &mut Response<GatewayBody>, event: &Event) {
    if let Some((_, bound)) = event.routed()
        && let Some(changes) = &bound.actions().response_headers
    {
        changes.apply(response.headers_mut());
    }
}

/// Puts on every answer of a route, refusals included, what its caller may do with it and how
/// often it may come; and compresses it where the route does that.
fn dress(response: &mut Response<GatewayBody>, downstream: &Downstream, event: &Event) {
    limit::dress(response.headers_mut(), event.quotas());
    let Some((clean, bound)) = event.routed() else { return };
    let actions = bound.actions();
    if let Some(cors) = &actions.cors {
        cors.dress(clean.fields(), event.is_preflight(), response.headers_mut());
    }
    if let Some(compression) = &actions.compress {
        compression.dress(clean, downstream, response);
    }
}

/// The answer to what was no request.
pub(crate) fn refuse(
    worker: &Worker,
    downstream: &Downstream,
    rejection: Rejection,
) -> Response<GatewayBody> {
    let mut event = Box::new(worker.begin_event(downstream.peer, worker.shared.clock.now()));
    let version = Version::HTTP_11;
    let mut response = reject(worker, rejection, Form::Problem, version, &mut event);
    sign(&mut response, version, event.request_id(), downstream);
    event.answered(response.status());
    response.body_mut().end_event(event);
    response
}

/// A refusal in words that the caller can read.
fn reject(
    worker: &Worker,
    rejection: Rejection,
    form: Form,
    version: Version,
    event: &mut Event,
) -> Response<GatewayBody> {
    let audience = Audience {
        request_id: event.request_id(),
        form,
        version,
        login_path: &worker.shared.config.login_path,
        forget_cookie: &worker.shared.forget_cookie,
    };
    let response = rejection.render(&audience).map(GatewayBody::full);
    event.rejected(rejection);
    response
}

/// Puts on every answer what every answer has.
fn sign(
    response: &mut Response<GatewayBody>,
    version: Version,
    request_id: &str,
    downstream: &Downstream,
) {
    let is_http2 = version == Version::HTTP_2;
    *response.version_mut() = if is_http2 { version } else { Version::HTTP_11 };
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if let Some(hsts) = &downstream.listener.hsts {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
}
