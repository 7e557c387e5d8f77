//! The authentication service, mounted in this process as an upstream of its own.
//!
//! It is the one service that sees the presented credential, because checking it is its work.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response};
use http_body_util::Limited;
use hyper::body::Incoming;
use symbolon_core::downstream::Downstream;
use tower::ServiceExt as _;

use super::bad_gateway;
use crate::body::GatewayBody;
use crate::event::Event;
use crate::rejection::Rejection;
use crate::stage::Outbound;

/// Asks the service.
pub(super) async fn send(
    auth: Option<&axum::Router>,
    outbound: &Outbound,
    body: Incoming,
    event: &mut Event,
) -> Result<Response<GatewayBody>, Rejection> {
    let Some(auth) = auth else {
        return Err(bad_gateway("the authentication service does not run here".to_owned()));
    };
    event.set_target(&Arc::from("in-process"));
    let admitted = outbound.permitted().identified().admitted();
    let clean = admitted.matched().clean();
    let limit = usize::try_from(admitted.body_limit()).unwrap_or(usize::MAX);
    let mut request = Request::new(Body::new(Limited::new(body, limit)));
    *request.method_mut() = clean.method().clone();
    *request.uri_mut() = clean.target().parse().map_err(|_| bad_gateway("target".to_owned()))?;
    *request.headers_mut() = clean.headers().clone();
    clean.presented().restore(request.headers_mut());
    request.extensions_mut().insert(Downstream {
        source: Some(clean.source().ip()),
        request_id: Arc::clone(event.request_id()),
    });
    match auth.clone().oneshot(request).await {
        Ok(response) => Ok(response.map(GatewayBody::in_process)),
        Err(never) => match never {},
    }
}
