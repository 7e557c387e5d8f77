//! The answer's header with which a service changes the session: `Symbolon-Session`.
//!
//! It is an RFC 9651 dictionary whose member `patch` is a byte sequence, an RFC 7396 merge patch in
//! JSON. The gateway applies it to the session data, as far as the service may write the keys, and
//! takes the header out of the answer.

use axum::http::HeaderValue;
use axum::response::{IntoResponseParts, ResponseParts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

const HEADER: &str = "symbolon-session";

/// A merge patch for the session data.
pub(crate) struct SessionPatch(pub(crate) Value);

impl IntoResponseParts for SessionPatch {
    type Error = axum::http::StatusCode;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        let value = format!("patch=:{}:", STANDARD.encode(self.0.to_string()));
        let value = HeaderValue::from_str(&value)
            .map_err(|_| axum::http::StatusCode::INTERNAL_SERVER_ERROR)?;
        parts.headers_mut().insert(HEADER, value);
        Ok(parts)
    }
}
