//! `POST /orders/cart` `{"sku": "…"}`: adds an item to the cart in the session.
//!
//! The cart is an object, and every item has a key of its own: merge patches of different keys
//! commute, so of many posts at a time none is lost. A list would keep only the last one's.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value, json};
use symbolon_core::session::MAX_DATA_BYTES;
use symbolon_core::{OsRandom, random};
use symbolon_verifier::Verified;

use super::answer;
use super::session_patch::SessionPatch;

/// The largest request body, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 4096;
/// The longest article number, in bytes.
const MAX_SKU_BYTES: usize = 64;
/// Random bytes of an item's key, 8 characters of text.
const ITEM_ID_BYTES: usize = 6;
/// Room that one more item may take, in bytes of JSON, every character escaped.
const MAX_ITEM_BYTES: usize = 6 * MAX_SKU_BYTES + 64;

/// What was added.
#[derive(Serialize)]
struct Added<'a> {
    id: &'a str,
    sku: &'a str,
}

/// Adds an item. The content type is not asked for, so that a plain `curl -d` will do; other sites
/// cannot post here all the same, because the session's cookie is `SameSite=Lax`.
pub(super) async fn add(
    Verified(claims): Verified,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) => return answer::refusal(error.status(), "the body cannot be read"),
    };
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return answer::refusal(StatusCode::BAD_REQUEST, "the body has to be JSON");
    };
    let Some(sku) = body.get("sku").and_then(Value::as_str).filter(|sku| is_sku(sku)) else {
        let reason = "`sku` has to be 1 to 64 bytes of text";
        return answer::refusal(StatusCode::UNPROCESSABLE_ENTITY, reason);
    };
    if is_full(&claims.session) {
        return answer::refusal(StatusCode::CONFLICT, "the cart is full");
    }
    let id = URL_SAFE_NO_PAD.encode(random::bytes::<ITEM_ID_BYTES>(&OsRandom));
    let patch = SessionPatch(json!({ "cart": { &id: { "sku": sku } } }));
    (patch, answer::json(StatusCode::CREATED, &Added { id: &id, sku })).into_response()
}

fn is_sku(text: &str) -> bool {
    (1..=MAX_SKU_BYTES).contains(&text.len()) && !text.contains(char::is_control)
}

/// Whether one more item could be more than a session may hold. Of many at a time the last ones
/// may still not fit: then the gateway refuses the change, and the answer with it.
fn is_full(session: &Map<String, Value>) -> bool {
    let size = serde_json::to_vec(session).map_or(usize::MAX, |text| text.len());
    size.saturating_add(MAX_ITEM_BYTES) > MAX_DATA_BYTES
}
