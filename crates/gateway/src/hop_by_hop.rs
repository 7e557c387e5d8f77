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

/// What the `Connection` headers of a message say.
#[derive(Debug, Default)]
pub(crate) struct ConnectionOptions {
    /// Nothing follows on this connection.
    pub(crate) close: bool,
    /// The message wants to switch protocols, or does.
    pub(crate) upgrade: bool,
    /// Other headers that are meant for this connection only.
    pub(crate) nominated: SmallVec<[HeaderName; 2]>,
}

impl ConnectionOptions {
    /// Reads all of them.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut options = Self::default();
        for value in headers.get_all(header::CONNECTION) {
            for option in value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                options.add(option);
            }
        }
        options
    }

    fn add(&mut self, option: &[u8]) {
        if option.eq_ignore_ascii_case(b"close") {
            self.close = true;
        } else if option.eq_ignore_ascii_case(b"upgrade") {
            self.upgrade = true;
        } else if option.eq_ignore_ascii_case(b"keep-alive") || option.is_empty() {
            // Keeping the connection is the default of HTTP/1.1.
        } else if let Ok(name) = HeaderName::from_bytes(option)
            && self.nominated.len() < MAX_NOMINATED
        {
            self.nominated.push(name);
        }
    }
}

/// The protocol that a request wants to switch to (RFC 9110 section 7.8): `websocket` or none.
///
/// Whatever follows a switch is not judged any more, so a protocol that carries requests of its
/// own, such as `h2c`, would be a tunnel around the gateway.
pub(crate) fn upgrade_wanted(method: &Method, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut protocols = headers.get_all(header::UPGRADE).iter();
    let (protocol, another) = (protocols.next()?, protocols.next());
    let is_websocket = protocol.as_bytes().eq_ignore_ascii_case(b"websocket");
    let is_asked = another.is_none() && method == Method::GET;
    (is_websocket && is_asked && ConnectionOptions::of(headers).upgrade).then(|| protocol.clone())
}
