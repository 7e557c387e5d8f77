//! `{mount}/internal/…`: what services need to verify internal tokens. Public by nature.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use symbolon_core::internal_token::JWKS_MAX_AGE;

use crate::service::App;

/// GET: the metadata of the issuer of internal tokens (OIDC Discovery section 4.2).
pub(crate) async fn discovery(State(app): State<App>) -> Response {
    cacheable("application/json", &app.keys.discovery())
}

/// GET: the keys that internal tokens are signed with (RFC 7517 section 5).
pub(crate) async fn jwks(State(app): State<App>) -> Response {
    cacheable("application/jwk-set+json", &app.keys.jwks())
}

fn cacheable(media_type: &'static str, document: &Arc<str>) -> Response {
    let max_age = format!("public, max-age={}", JWKS_MAX_AGE.as_secs());
    let mut response = document.to_string().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(max_age) = HeaderValue::from_str(&max_age) {
        headers.insert(header::CACHE_CONTROL, max_age);
    }
    response
}
