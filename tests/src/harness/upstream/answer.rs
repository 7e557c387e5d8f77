//! Answers that services of the tests give.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// 200 with a body.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    with("200 OK", &[], body)
}

/// An answer with a length, and whatever fields the test wants.
pub(crate) fn with(status: &str, fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in fields {
        head.extend([name, ": ", value, "\r\n"]);
    }
    (head + "\r\n" + body).into_bytes()
}

/// 200 that changes the session as `change` says.
pub(crate) fn changing_session(change: &str) -> Vec<u8> {
    with("200 OK", &[("Symbolon-Session", change)], "{}")
}

/// The member of `Symbolon-Session` that merges `patch` into the session data.
pub(crate) fn patch(patch: &Value) -> String {
    format!("patch=:{}:", STANDARD.encode(patch.to_string()))
}
