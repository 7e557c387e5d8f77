//! Which fields may come after a body (RFC 9110 section 6.5.1): none that frames, routes,
//! authenticates or names somebody.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::hop_by_hop;
use crate::identity_headers;

/// Whether a request trailer is passed on.
pub(crate) fn is_request_trailer(name: &HeaderName) -> bool {
    is_trailer(name) && !identity_headers::is_stripped(name.as_str())
}

/// Whether a response trailer is passed on.
pub(crate) fn is_response_trailer(name: &HeaderName) -> bool {
    is_trailer(name) && !name.as_str().starts_with("symbolon-")
}

/// The trailers that an answer announces and that may be passed on; only announced ones are
/// (RFC 9110 section 6.6.2).
pub(crate) fn announced(headers: &HeaderMap) -> Option<HeaderValue> {
    let names = headers.get_all(header::TRAILER).iter().filter_map(|value| value.to_str().ok());
    let names = names.flat_map(|value| value.split(','));
    let names = names.filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok());
    let kept: Vec<String> =
        names.filter(is_response_trailer).map(|name| name.as_str().to_owned()).collect();
    if kept.is_empty() { None } else { HeaderValue::from_str(&kept.join(", ")).ok() }
}

/// Removes the fields that may not be passed on.
pub(crate) fn retain(trailers: &mut HeaderMap, may_pass: impl Fn(&HeaderName) -> bool) {
    let removed: Vec<HeaderName> =
        trailers.keys().filter(|name| !may_pass(name)).cloned().collect();
    for name in removed {
        trailers.remove(name);
    }
}

fn is_trailer(name: &HeaderName) -> bool {
    let forbidden = [
        header::AUTHORIZATION,
        header::CACHE_CONTROL,
        header::CONTENT_ENCODING,
        header::CONTENT_LENGTH,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::COOKIE,
        header::HOST,
        header::LOCATION,
        header::SET_COOKIE,
        header::WWW_AUTHENTICATE,
    ];
    !hop_by_hop::is_hop_by_hop(name.as_str().as_bytes()) && !forbidden.contains(name)
}
