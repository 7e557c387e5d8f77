//! The endpoints: one file each, named as in the path.

pub(crate) mod account;
pub(crate) mod client_token;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod stylesheet;
pub(crate) mod well_known;

use std::net::IpAddr;

use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use symbolon_core::downstream::Downstream;

use crate::rejection::Rejection;

/// What the gateway says about the caller's side; `None` where there is no gateway.
pub(crate) type FromGateway = Option<Extension<Downstream>>;

/// The caller's address, where it is known.
pub(crate) fn source(from_gateway: &FromGateway) -> Option<IpAddr> {
    from_gateway.as_ref().and_then(|Extension(downstream)| downstream.source)
}

/// `User-Agent`, as far as it is text.
pub(crate) fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// 303 (RFC 9110 section 15.4.4): the next request is a GET, whatever this one was.
pub(crate) fn see_other(location: &str) -> Response {
    // Locations are made of the mount, which the configuration checked, and of paths that
    // `ReturnTo` accepted: visible ASCII both.
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Whatever is not an endpoint.
pub(crate) async fn not_found() -> Rejection {
    Rejection::NotFound
}

/// An endpoint asked in a way it does not know.
pub(crate) async fn method_not_allowed() -> Rejection {
    Rejection::MethodNotAllowed
}
