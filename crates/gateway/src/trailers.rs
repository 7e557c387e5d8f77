//! Which fields may come after a body (RFC 9110 section 6.5.1): none that frames, routes,
//! authenticates or names somebody.

use http::header::{self, HeaderName};

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
    !hop_by_hop::is_hop_by_hop(name.as_str()) && !forbidden.contains(name)
}
