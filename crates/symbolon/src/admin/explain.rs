//! `POST /v1/explain`: why a request would be let in or not. It changes nothing, but that a wrong
//! password counts as a guess.

use std::net::IpAddr;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use symbolon_gateway::Question;

use super::State;

/// The longest question, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// A request that nobody sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    method: String,
    url: String,
    /// Names and values, in order.
    #[serde(default)]
    headers: Vec<(String, String)>,
    source: Option<IpAddr>,
}

pub(super) async fn explain(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_of_a_program(&headers) {
        return refuse("only programs ask here, with `Content-Type: application/json`");
    }
    let Asked { method, url, headers, source } = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        // What is wrong in it may be a secret; where it is wrong is none.
        Err(error) => {
            let at = format!("line {}, column {}", error.line(), error.column());
            let why = format!("not `{{ method, url, headers, source }}`: {at}");
            return refuse(&why);
        }
    };
    match state.gateway.explain(Question { method, url, headers, source }).await {
        Ok(told) => Json(told).into_response(),
        Err(error) => refuse(&error.to_string()),
    }
}

/// A page that a browser on this machine shows must not ask for its reader.
fn is_of_a_program(headers: &HeaderMap) -> bool {
    let json = headers.get(CONTENT_TYPE).is_some_and(|value| value == "application/json");
    json && !headers.contains_key(ORIGIN) && !headers.contains_key("sec-fetch-site")
}

fn refuse(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}
