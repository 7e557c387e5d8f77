//! What the example services answer: JSON that a person at a terminal can read.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

/// An answer in JSON. All of them are about one caller, so none may be stored on the way.
pub(super) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let Ok(mut text) = serde_json::to_string_pretty(body) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    text.push('\n');
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, text).into_response()
}

/// A refusal and its reason.
pub(super) fn refusal(status: StatusCode, reason: &str) -> Response {
    json(status, &json!({ "error": reason }))
}

/// There is nothing at this path.
pub(super) async fn not_found() -> Response {
    refusal(StatusCode::NOT_FOUND, "there is nothing here")
}
