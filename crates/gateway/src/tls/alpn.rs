//! Which protocol a handshake agreed on (ALPN, RFC 7301): the one place that knows their names.

use crate::config;
use crate::serving::Protocol;

/// HTTP/1.1 (RFC 7301 section 6).
const HTTP_1: &[u8] = b"http/1.1";
/// HTTP/2 over TLS (RFC 9113 section 3.1).
const HTTP_2: &[u8] = b"h2";

/// The protocols of a listener, the preferred one first.
pub(super) fn offered() -> Vec<Vec<u8>> {
    vec![HTTP_2.to_vec(), HTTP_1.to_vec()]
}

/// What targets are offered: the one protocol that they are spoken to in.
pub(super) fn offered_to_targets(protocol: config::Protocol) -> Vec<Vec<u8>> {
    match protocol {
        config::Protocol::H1 => vec![HTTP_1.to_vec()],
        config::Protocol::H2 => vec![HTTP_2.to_vec()],
    }
}

/// What a client's handshake came to. One that offers only what we do not speak has failed before,
/// and one that offers nothing speaks HTTP/1.1.
pub(crate) fn negotiated(name: Option<&[u8]>) -> Protocol {
    if name == Some(HTTP_2) { Protocol::Http2 } else { Protocol::Http1 }
}

/// Whether a target agreed to HTTP/2: nothing else may be sent to it (RFC 9113 section 3.2).
pub(crate) fn is_http2(name: Option<&[u8]>) -> bool {
    name == Some(HTTP_2)
}
