//! The head of the request as the service receives it.
//!
//! Written from the canonical form, so that what was judged is what is sent. The identity headers
//! that came from outside are gone by now; here ours are added. [`fields`] is what both protocols
//! say; how it is written down is a [`Sink`]'s.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use http::Version;

use super::identity;
use crate::action::HeaderChanges;
use crate::event::Event;
use crate::hidden::Shown;
use crate::stage::{Clean, Outbound};
use crate::trace::TraceContext;

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
    pub(crate) trace: Option<TraceContext>,
    pub(crate) scheme: &'static str,
    /// The target's authority, where the service is to see that as `Host`.
    pub(crate) host: Option<Arc<str>>,
}

impl Origin {
    /// Of the request that this event is about.
    pub(super) fn of(event: &Event, scheme: &'static str) -> Self {
        let (request_id, trace) = (Arc::clone(event.request_id()), event.trace().cloned());
        Self { request_id, trace, scheme, host: None }
    }

    /// The host as the service is told it.
    pub(super) fn host<'a>(&'a self, clean: &'a Clean) -> &'a str {
        self.host.as_deref().unwrap_or(clean.authority())
    }
}

/// Takes fields one by one; each value comes in parts.
pub(super) trait Sink {
    /// A field that was sent to us.
    fn pass(&mut self, name: &[u8], value: &[u8]);
    /// A field of our own.
    fn say(&mut self, name: &'static str, value: &[&[u8]]);
}

/// Lines of HTTP/1.1.
impl Sink for BytesMut {
    fn pass(&mut self, name: &[u8], value: &[u8]) {
        put(self, &[name, b": ", value, b"\r\n"]);
    }

    fn say(&mut self, name: &'static str, value: &[&[u8]]) {
        put(self, &[name.as_bytes(), b": "]);
        put(self, value);
        self.put_slice(b"\r\n");
    }
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
    if let Some(query) = matched.query() {
        put(out, &[b"?", query.as_bytes()]);
    }
    put(out, &[b" HTTP/1.1\r\nhost: ", origin.host(clean).as_bytes(), b"\r\n"]);
    write_framing(out, framing);
    fields(out, outbound, origin);
    if clean.wants_websocket() {
        out.put_slice(b"connection: upgrade\r\nupgrade: websocket\r\n");
    }
    out.put_slice(b"\r\n");
}

/// What the service is told besides the target, whatever protocol it speaks.
pub(super) fn fields(out: &mut impl Sink, outbound: &Outbound, origin: &Origin) {
    let matched = outbound.permitted().identified().admitted().matched();
    let clean = matched.clean();
    let actions = matched.route().actions();
    let changes = actions.request_headers.as_ref();
    // What is compressed here is to come as it is; a route may still ask for something else.
    let asks_for_identity = actions.compress.is_some()
        && !changes.is_some_and(|changes| changes.replace(b"accept-encoding"));
    let hidden = matched.route().hidden();
    for (name, value) in clean.fields().iter() {
        if asks_for_identity && name == b"accept-encoding" {
            continue;
        }
        if let Some(hidden) = hidden {
            if hidden.hides(name) {
                continue;
            }
            if name == b"cookie"
                && let Some(kept) = hidden.without_cookies(value)
            {
                if let Some(kept) = kept {
                    out.pass(name, &kept);
                }
                continue;
            }
        }
        if !is_rewritten(name, origin) && !changes.is_some_and(|changes| changes.replace(name)) {
            out.pass(name, value);
        }
    }
    for name in matched.route().shown().into_iter().flat_map(Shown::names) {
        let bytes = name.as_str().as_bytes();
        if !changes.is_some_and(|changes| changes.replace(bytes)) {
            clean.values_of(name).for_each(|value| out.pass(bytes, value));
        }
    }
    for (name, value) in changes.into_iter().flat_map(HeaderChanges::additions) {
        out.pass(name.as_str().as_bytes(), value.as_bytes());
    }
    let identity = outbound.permitted().identified().identity();
    let told = &matched.route().service.service.identity_headers;
    for (name, value) in identity.known().into_iter().flat_map(|known| &known.headers) {
        if !told.govern(name) {
            out.pass(name.as_bytes(), value);
        }
    }
    if asks_for_identity {
        out.say("accept-encoding", &[b"identity"]);
    }
    write_origin(out, outbound, origin);
    identity::write(out, told, identity);
    if let Some(token) = outbound.internal_token() {
        out.say("authorization", &[b"Bearer ", token.as_bytes()]);
    }
}

/// Headers that this file writes itself.
fn is_rewritten(name: &[u8], origin: &Origin) -> bool {
    matches!(name, b"via" | b"x-request-id")
        || (origin.trace.is_some() && matches!(name, b"traceparent" | b"tracestate"))
}

fn write_framing(out: &mut BytesMut, framing: RequestFraming) {
    match framing {
        RequestFraming::None => {}
        RequestFraming::Length(length) => {
            out.say("content-length", &[itoa::Buffer::new().format(length).as_bytes()]);
        }
        RequestFraming::Chunked => out.put_slice(b"transfer-encoding: chunked\r\n"),
    }
}

fn write_origin(out: &mut impl Sink, outbound: &Outbound, origin: &Origin) {
    let clean = outbound.permitted().identified().admitted().matched().clean();
    let source = clean.source().as_str();
    let host = clean.authority().as_bytes();
    let scheme = origin.scheme.as_bytes();
    out.say("x-request-id", &[origin.request_id.as_bytes()]);
    if let Some(trace) = &origin.trace {
        out.say("traceparent", &[trace.to_string().as_bytes()]);
        if let Some(state) = trace.state() {
            out.pass(b"tracestate", state.as_bytes());
        }
    }
    out.say("x-forwarded-for", &[source.as_bytes()]);
    out.say("x-forwarded-host", &[host]);
    out.say("x-forwarded-proto", &[scheme]);
    // RFC 7239 section 6: an IPv6 address stands in brackets and quotes.
    let (open, close): (&[u8], &[u8]) =
        if clean.source().ip().is_ipv6() { (b"\"[", b"]\"") } else { (b"", b"") };
    let forwarded: &[&[u8]] =
        &[b"for=", open, source.as_bytes(), close, b";host=\"", host, b"\";proto=", scheme];
    out.say("forwarded", forwarded);
    // RFC 9110 section 7.6.3.
    let protocol: &[u8] = if clean.version() == Version::HTTP_2 { b"2" } else { b"1.1" };
    match clean.fields().get("via") {
        Some(earlier) => out.say("via", &[earlier, b", ", protocol, b" symbolon"]),
        None => out.say("via", &[protocol, b" symbolon"]),
    }
}

fn put(out: &mut BytesMut, parts: &[&[u8]]) {
    for part in parts {
        out.put_slice(part);
    }
}
