//! The head of the request as the service receives it.
//!
//! Written from the canonical form, so that what was judged is what is sent. The identity headers
//! that came from outside are gone by now; here ours are added.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use http::header::{HeaderName, HeaderValue, VIA};

use crate::action::HeaderChanges;
use crate::stage::Outbound;

/// How the body of the request is delimited (RFC 9112 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestFraming {
    /// No body, and no header about it.
    None,
    /// `Content-Length`.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

/// What the service is told of the way the request took.
pub(crate) struct Origin {
    pub(crate) request_id: Arc<str>,
    pub(crate) scheme: &'static str,
    /// The target's authority, where the service is to see that as `Host`.
    pub(crate) host: Option<Arc<str>>,
}

/// Appends the head to `out`.
pub(super) fn write(
    out: &mut BytesMut,
    outbound: &Outbound,
    origin: &Origin,
    framing: RequestFraming,
) {
    let matched = outbound.permitted().identified().admitted().matched();
    let clean = matched.clean();
    put(out, &[clean.method().as_str().as_bytes(), b" ", matched.path().as_bytes()]);
    if let Some(query) = clean.query() {
        put(out, &[b"?", query.as_bytes()]);
    }
    let host = origin.host.as_deref().unwrap_or(clean.authority());
    put(out, &[b" HTTP/1.1\r\nhost: ", host.as_bytes(), b"\r\n"]);
    let changes = matched.route().route.actions.request_headers.as_ref();
    for (name, value) in clean.headers() {
        if !is_rewritten(name) && !changes.is_some_and(|changes| changes.replace(name)) {
            field(out, name.as_str(), value.as_bytes());
        }
    }
    for (name, value) in changes.into_iter().flat_map(HeaderChanges::additions) {
        field(out, name.as_str(), value.as_bytes());
    }
    write_framing(out, framing);
    write_origin(out, outbound, origin);
    if let Some(token) = outbound.internal_token() {
        put(out, &[b"authorization: Bearer ", token.as_bytes(), b"\r\n"]);
    }
    if let Some(protocol) = clean.upgrade() {
        put(out, &[b"connection: upgrade\r\nupgrade: ", protocol.as_bytes(), b"\r\n"]);
    }
    out.put_slice(b"\r\n");
}

/// Headers that this file writes itself.
fn is_rewritten(name: &HeaderName) -> bool {
    *name == VIA || name.as_str() == "x-request-id"
}

fn write_framing(out: &mut BytesMut, framing: RequestFraming) {
    match framing {
        RequestFraming::None => {}
        RequestFraming::Length(length) => {
            field(out, "content-length", itoa::Buffer::new().format(length).as_bytes());
        }
        RequestFraming::Chunked => out.put_slice(b"transfer-encoding: chunked\r\n"),
    }
}

fn write_origin(out: &mut BytesMut, outbound: &Outbound, origin: &Origin) {
    let clean = outbound.permitted().identified().admitted().matched().clean();
    let source = clean.source().as_str();
    let host = clean.authority().as_bytes();
    let scheme = origin.scheme.as_bytes();
    field(out, "x-request-id", origin.request_id.as_bytes());
    field(out, "x-forwarded-for", source.as_bytes());
    field(out, "x-forwarded-host", host);
    field(out, "x-forwarded-proto", scheme);
    // RFC 7239 section 6: an IPv6 address stands in brackets and quotes.
    let (open, close): (&[u8], &[u8]) =
        if clean.source().ip().is_ipv6() { (b"\"[", b"]\"") } else { (b"", b"") };
    put(out, &[b"forwarded: for=", open, source.as_bytes(), close]);
    put(out, &[b";host=\"", host, b"\";proto=", scheme, b"\r\n"]);
    // RFC 9110 section 7.6.3.
    let earlier = clean.headers().get(VIA).map(HeaderValue::as_bytes);
    match earlier {
        Some(earlier) => put(out, &[b"via: ", earlier, b", 1.1 symbolon\r\n"]),
        None => out.put_slice(b"via: 1.1 symbolon\r\n"),
    }
}

fn field(out: &mut BytesMut, name: &str, value: &[u8]) {
    put(out, &[name.as_bytes(), b": ", value, b"\r\n"]);
}

fn put(out: &mut BytesMut, parts: &[&[u8]]) {
    for part in parts {
        out.put_slice(part);
    }
}
