//! The authentication service, mounted in this process as an upstream of its own.
//!
//! It is the one service that sees the presented credential, because checking it is its work.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use symbolon_core::client_token::{ProvedClient, ProvedCredential};
use symbolon_core::downstream::Downstream;
use tokio::time::timeout;
use tower::ServiceExt as _;

use super::{bad_gateway, uri};
use crate::body::GatewayBody;
use crate::config::Limits;
use crate::event::Event;
use crate::rejection::{Reason, Rejection};
use crate::request_body::RequestBody;
use crate::stage::{Identity, Outbound};

/// The longest body that the service is handed, in bytes: its forms are small.
const MAX_BODY: u64 = 64 * 1024;

/// Asks the service.
pub(super) async fn send(
    auth: Option<&axum::Router>,
    outbound: &Outbound,
    body: RequestBody,
    limits: &Limits,
    event: &mut Event,
) -> Result<Response<GatewayBody>, Rejection> {
    let Some(auth) = auth else {
        return Err(bad_gateway("the authentication service does not run here".to_owned()));
    };
    event.set_target(&Arc::from("in-process"));
    let admitted = outbound.permitted().identified().admitted();
    let clean = admitted.matched().clean();
    let body = whole(body, admitted.body_limit(), limits).await?;
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = clean.method().clone();
    let target = uri::target(clean.target());
    *request.uri_mut() = target.parse().map_err(|_| bad_gateway("target".to_owned()))?;
    *request.headers_mut() = clean.fields().to_header_map();
    clean.presented().restore(request.headers_mut());
    request.extensions_mut().insert(Downstream {
        source: Some(clean.source().ip()),
        request_id: Arc::clone(event.request_id()),
    });
    if let Some(proved) = proved(outbound) {
        // Extensions do not travel: whoever is outside cannot send one.
        request.extensions_mut().insert(proved);
    }
    match auth.clone().oneshot(request).await {
        Ok(response) => Ok(response.map(GatewayBody::in_process)),
        Err(never) => match never {},
    }
}

/// The client that showed one of its credentials, where a client alone did, and the credential
/// itself.
fn proved(outbound: &Outbound) -> Option<ProvedClient> {
    let Identity::Known { known, .. } = outbound.permitted().identified().identity() else {
        return None;
    };
    if known.subject.is_some() || known.is_token {
        return None;
    }
    let credential = ProvedCredential {
        id: Arc::clone(known.credential.as_ref()?),
        digest: known.credential_digest?,
        expires_at: known.expires_at,
    };
    Some(ProvedClient { client: known.client.clone()?, credential: Some(credential) })
}

/// The whole body, within its bound and in time: a form that never ends must not hold a
/// connection.
async fn whole(body: RequestBody, body_limit: u64, limits: &Limits) -> Result<Bytes, Rejection> {
    let limit = usize::try_from(body_limit.min(MAX_BODY)).unwrap_or(usize::MAX);
    let collected = timeout(limits.body_timeout, Limited::new(body, limit).collect()).await;
    match collected {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Rejection::new(Reason::BodyTooLarge, "form"))
        }
        Ok(Err(error)) => Err(Rejection::new(Reason::Malformed, error.to_string())),
        Err(_) => Err(Rejection::new(Reason::RequestTimeout, "form")),
    }
}
