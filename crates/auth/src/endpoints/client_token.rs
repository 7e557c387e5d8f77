//! `{mount}/client/token`: a client trades one of its credentials for a short token.
//!
//! Which client and which credential the gateway has found out, by the authenticators of this
//! path, and says so inside the process ([`ProvedClient`]). The token is taken by the `jwt`
//! authenticator wherever a route lists it.

use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use symbolon_core::client_token::ProvedClient;

use crate::rejection::Rejection;
use crate::service::App;

/// POST: the token, in the form of RFC 6749 section 5.1.
pub(crate) async fn issue(
    State(app): State<App>,
    proved: Option<Extension<ProvedClient>>,
) -> Result<Response, Rejection> {
    let Some(Extension(client)) = proved else {
        return Err(Rejection::NoClient);
    };
    let lifetime = app.config.client_token_lifetime;
    let issued = app.client_tokens.issue(&client, lifetime, app.clock.now(), &*app.random);
    let answer = json!({
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": issued.lifetime.as_secs(),
    });
    // RFC 6749 section 5.1: no cache may keep it.
    let fields =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    Ok((fields, answer.to_string()).into_response())
}
