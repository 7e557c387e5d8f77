//! When an unauthenticated request is sent to log in, and where it comes back to.

use http::Method;
use symbolon_core::return_to::ReturnTo;

use super::{Clean, Matched};
use crate::fields::Fields;

/// Whether a person looks at the answer: a top-level navigation of a browser (Fetch Metadata,
/// W3C), or, from a browser too old to say so, a request that prefers HTML.
pub(crate) fn is_navigation(clean: &Clean) -> bool {
    wants_page(clean.method(), clean.fields())
}

/// The same, of the parts.
pub(crate) fn wants_page(method: &Method, fields: &Fields) -> bool {
    match fields.text("sec-fetch-mode") {
        Some(mode) => {
            mode == "navigate"
                && fields.text("sec-fetch-dest").is_none_or(|dest| dest == "document")
        }
        None => {
            matches!(*method, Method::GET | Method::HEAD)
                && fields.text("accept").is_some_and(|accept| accept.contains("text/html"))
        }
    }
}

/// The query of the log-in page: `?return_to=` with the target of a request that can be repeated.
/// What the route hides, such as a key in the query, is not carried along.
pub(super) fn return_to(matched: &Matched) -> String {
    let clean = matched.clean();
    let is_repeatable = matches!(*clean.method(), Method::GET | Method::HEAD);
    match ReturnTo::parse(&matched.asked_target()) {
        Some(target) if is_repeatable => format!("?return_to={}", encode(target.as_str())),
        _ => String::new(),
    }
}

/// Percent-encodes everything that is not unreserved or a slash (RFC 3986 section 2.3).
pub(super) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
