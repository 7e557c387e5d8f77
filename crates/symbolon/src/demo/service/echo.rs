//! The `echo` service: tells what it received. The internal token is shown decoded, never raw.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;

use super::answer;

/// The largest request body that is told, in bytes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A request as it came in.
#[derive(Serialize)]
struct Received {
    method: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    /// In lower case; several lines of one name are combined (RFC 9110 5.2).
    headers: BTreeMap<String, String>,
    #[serde(flatten)]
    body: Body,
    internal_token: Option<InternalToken>,
}

#[derive(Serialize)]
enum Body {
    #[serde(rename = "body")]
    Text(String),
    #[serde(rename = "body_base64")]
    Bytes(String),
}

/// What the internal token says. The layer around this service has verified it.
#[derive(Serialize)]
struct InternalToken {
    header: Value,
    claims: Value,
}

pub(super) fn router() -> Router {
    Router::new().fallback(echo).layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

async fn echo(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => Body::from(body),
        Err(error) => return answer::refusal(error.status(), "the body cannot be read"),
    };
    let authorization = headers.get(header::AUTHORIZATION);
    let received = Received {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().map(str::to_owned),
        internal_token: authorization.and_then(InternalToken::decode),
        headers: combined(&headers),
        body,
    };
    answer::json(StatusCode::OK, &received)
}

fn combined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut combined = BTreeMap::new();
    for name in headers.keys() {
        let lines = headers.get_all(name).iter();
        let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        let value = match *name {
            header::AUTHORIZATION => "Bearer <redacted>".to_owned(),
            _ => lines.join(", "),
        };
        combined.insert(name.to_string(), value);
    }
    combined
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        match String::from_utf8(bytes.into()) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes(STANDARD.encode(error.as_bytes())),
        }
    }
}

impl InternalToken {
    fn decode(authorization: &HeaderValue) -> Option<Self> {
        let (_scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
        let mut parts = token.split('.').map(part);
        Some(Self { header: parts.next()??, claims: parts.next()?? })
    }
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
