//! `Vary` (RFC 9110 section 12.5.5): on what of a request an answer depends.

use http::header::{self, HeaderMap, HeaderValue};

/// Says that an answer depends on this header, given in lower case, unless it says so already.
pub(crate) fn vary(headers: &mut HeaderMap, name: &'static str) {
    let is_there = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        text.split(',')
            .any(|listed| listed.trim().eq_ignore_ascii_case(name) || listed.trim() == "*")
    };
    if !headers.get_all(header::VARY).iter().any(is_there) {
        headers.append(header::VARY, HeaderValue::from_static(name));
    }
}
