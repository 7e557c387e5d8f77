//! WebSocket over HTTP/2 (RFC 8441): an extended CONNECT becomes the GET that it stands for, right
//! at the entrance, so that every rule about upgrades holds for it as it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderValue};
use http::{Method, Request};
use hyper::ext::Protocol;
use symbolon_core::Random;

/// Whether a request came as an extended CONNECT, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtendedConnect {
    /// It is another request.
    No,
    /// A WebSocket.
    WebSocket,
    /// Something that is not known here, and refused.
    Unknown,
}

/// Turns the extended CONNECT of a WebSocket into a GET; leaves everything else as it is.
pub(crate) fn translate<B>(request: &mut Request<B>, random: &dyn Random) -> ExtendedConnect {
    if request.method() != Method::CONNECT {
        return ExtendedConnect::No;
    }
    let Some(protocol) = request.extensions_mut().remove::<Protocol>() else {
        // A plain one has no path and is refused for that.
        return ExtendedConnect::No;
    };
    if protocol.as_str() != "websocket" {
        return ExtendedConnect::Unknown;
    }
    *request.method_mut() = Method::GET;
    // Section 5: HTTP/1.1 has a key where HTTP/2 has none.
    let key: [u8; 16] = symbolon_core::random::bytes(random);
    if let Ok(key) = HeaderValue::try_from(STANDARD.encode(key)) {
        request.headers_mut().insert(header::SEC_WEBSOCKET_KEY, key);
    }
    ExtendedConnect::WebSocket
}
