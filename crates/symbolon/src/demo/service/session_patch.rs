//! How a service changes the session: the response header `Symbolon-Session`.
//!
//! The gateway takes it out of the answer and applies it before the answer leaves.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponseParts, ResponseParts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use symbolon_core::settle::HEADER;

/// An RFC 7396 merge patch of the session data, as a member of an RFC 9651 dictionary.
pub(super) struct SessionPatch(pub(super) Value);

impl IntoResponseParts for SessionPatch {
    type Error = StatusCode;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, StatusCode> {
        let value = format!("patch=:{}:", STANDARD.encode(self.0.to_string()));
        let value = HeaderValue::from_str(&value).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        parts.headers_mut().insert(HEADER, value);
        Ok(parts)
    }
}
