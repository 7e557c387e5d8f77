//! What belongs to one connection and is never passed on (RFC 9110 section 7.6.1).

use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

/// The most names that a `Connection` header may nominate; further ones are not looked at, and
/// the identity headers among them are removed anyway.
const MAX_NOMINATED: usize = 16;

/// Whether a header of this name (in lower case) concerns only the connection it came over.
pub(crate) fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// The headers that `Connection` nominates.
pub(crate) fn nominated(headers: &HeaderMap) -> SmallVec<[HeaderName; 4]> {
    connection_options(headers)
        .filter_map(|option| HeaderName::from_bytes(option.as_bytes()).ok())
        .take(MAX_NOMINATED)
        .collect()
}

/// The protocol that a request wants to switch to (RFC 9110 section 7.8): `websocket` or none.
///
/// Whatever follows a switch is not judged any more, so a protocol that carries requests of its
/// own, such as `h2c`, would be a tunnel around the gateway.
pub(crate) fn upgrade_wanted(method: &Method, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut protocols = headers.get_all(header::UPGRADE).iter();
    let (protocol, another) = (protocols.next()?, protocols.next());
    let asks = connection_options(headers).any(|option| option.eq_ignore_ascii_case("upgrade"));
    let is_websocket = protocol.as_bytes().eq_ignore_ascii_case(b"websocket");
    (asks && is_websocket && another.is_none() && method == Method::GET).then(|| protocol.clone())
}

/// The options of all `Connection` headers.
pub(crate) fn connection_options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|option| !option.is_empty())
}
