//! What belongs to one connection and is never passed on (RFC 9110 section 7.6.1).

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Version};
use smallvec::SmallVec;

use crate::fields::Fields;
use crate::head::Head;

/// The most names that a `Connection` header may nominate; further ones are not looked at, and
/// the identity headers among them are removed anyway.
const MAX_NOMINATED: usize = 16;

/// Whether a header of this name (in lower case) concerns only the connection it came over.
pub(crate) fn is_hop_by_hop(name: &[u8]) -> bool {
    matches!(
        name,
        b"connection"
            | b"keep-alive"
            | b"proxy-connection"
            | b"proxy-authenticate"
            | b"proxy-authorization"
            | b"te"
            | b"trailer"
            | b"transfer-encoding"
            | b"upgrade"
    )
}

/// What the `Connection` headers of a message say.
#[derive(Debug, Default)]
pub(crate) struct ConnectionOptions {
    /// Nothing follows on this connection.
    pub(crate) close: bool,
    /// More may follow, where that is not the rule (HTTP/1.0).
    pub(crate) keep_alive: bool,
    /// The message wants to switch protocols, or does.
    pub(crate) upgrade: bool,
    /// Other headers that are meant for this connection only.
    pub(crate) nominated: SmallVec<[HeaderName; 2]>,
}

impl ConnectionOptions {
    /// Reads all those of an answer.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self::read(headers.get_all(header::CONNECTION).iter().map(HeaderValue::as_bytes))
    }

    /// Reads all those of a request.
    pub(crate) fn of_request(fields: &Fields) -> Self {
        Self::read(fields.get_all("connection"))
    }

    fn read<'a>(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut options = Self::default();
        for value in values {
            for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
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
        } else if option.eq_ignore_ascii_case(b"keep-alive") {
            self.keep_alive = true;
        } else if option.is_empty() {
            // A list may have empty elements (RFC 9110 section 5.6.1).
        } else if let Ok(name) = HeaderName::from_bytes(option)
            && self.nominated.len() < MAX_NOMINATED
        {
            self.nominated.push(name);
        }
    }
}

/// Whether a request wants to switch to the WebSocket protocol (RFC 9110 section 7.8).
///
/// Whatever follows a switch is not judged any more, so a protocol that carries requests of its
/// own, such as `h2c`, would be a tunnel around the gateway.
/// One with a body, or in HTTP/1.0, does not.
pub(crate) fn wants_websocket(head: &Head) -> bool {
    let Head { method, version, fields, .. } = head;
    *method == Method::GET
        && *version == Version::HTTP_11
        && !fields.contains("transfer-encoding")
        && fields.get("content-length").is_none_or(|length| length == b"0")
        && fields.only("upgrade").is_some_and(|it| it.eq_ignore_ascii_case(b"websocket"))
        && ConnectionOptions::of_request(fields).upgrade
}
