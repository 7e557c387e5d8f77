//! WebSocket over HTTP/2 (RFC 8441): an extended CONNECT becomes the GET that it stands for, right
//! at the entrance, so that every rule about upgrades holds for it as it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderValue};
use http::{Method, Request};
use hyper::ext::Protocol;
use symbolon_core::Random;

use crate::rejection::{Reason, Rejection};
use crate::request_body::RequestBody;

/// Marks a request that came as an extended CONNECT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtendedConnect;

/// Turns an extended CONNECT into a GET; leaves everything else as it is.
pub(crate) fn translate(
    request: &mut Request<RequestBody>,
    random: &dyn Random,
) -> Result<(), Rejection> {
    if request.method() != Method::CONNECT {
        return Ok(());
    }
    let Some(protocol) = request.extensions_mut().remove::<Protocol>() else {
        // A plain one has no path and is refused for that.
        return Ok(());
    };
    if protocol.as_str() != "websocket" {
        return Err(Rejection::new(Reason::Malformed, "`:protocol` is not `websocket`"));
    }
    *request.method_mut() = Method::GET;
    // Section 5: HTTP/1.1 has a key where HTTP/2 has none.
    let key: [u8; 16] = symbolon_core::random::bytes(random);
    if let Ok(key) = HeaderValue::try_from(STANDARD.encode(key)) {
        request.headers_mut().insert(header::SEC_WEBSOCKET_KEY, key);
    }
    request.extensions_mut().insert(ExtendedConnect);
    Ok(())
}
