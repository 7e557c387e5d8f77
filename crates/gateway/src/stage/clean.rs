//! clean: one canonical form of method, authority and path, and no header left that a service
//! could take for an identity.

mod http2;
mod line;

use std::net::SocketAddr;
use std::sync::Arc;

use http::header::HeaderName;
use http::{Method, Version};

use super::presented::{Presented, Taken};
use crate::config::Limits;
use crate::extended_connect::ExtendedConnect;
use crate::fields::{Fields, Place, Places};
use crate::forwarded;
use crate::head::Head;
use crate::hop_by_hop::{self, ConnectionOptions};
use crate::identity_headers;
use crate::rejection::{Reason, Rejection};
use crate::source_address::SourceAddress;
use crate::trusted::TrustedProxies;
use line::Line;

/// Where a request came in.
pub(crate) struct Ingress<'a> {
    pub(crate) peer: SocketAddr,
    pub(crate) limits: &'a Limits,
    pub(crate) session_cookie: &'a Arc<str>,
    pub(crate) trusted_proxies: &'a TrustedProxies,
    /// Headers that no service may see and some service's balancing asks for.
    pub(crate) set_aside: &'a [HeaderName],
}

/// A request in canonical form. Shared, because the stages and the access event all look at it.
#[derive(Debug)]
pub(crate) struct Clean {
    method: Method,
    version: Version,
    line: Line,
    fields: Fields,
    taken: Taken,
    /// Fields that no service may see and some service's balancing asks for.
    set_aside: Places,
    session_cookie: Arc<str>,
    source: SourceAddress,
    wants_websocket: bool,
    is_foreign_upgrade: bool,
    is_extended_connect: bool,
}

impl Clean {
    /// Makes it of the head of a request.
    pub(crate) fn new(head: Head, ingress: &Ingress<'_>) -> Result<Arc<Self>, Rejection> {
        check_framing(&head)?;
        let line = Line::of(&head, ingress.limits)?;
        let Head { method, version, mut fields, extended_connect, .. } = head;
        if version == Version::HTTP_2 {
            http2::check(&mut fields, ingress.limits)?;
        }
        let is_extended_connect = match extended_connect {
            ExtendedConnect::No => false,
            ExtendedConnect::WebSocket => true,
            ExtendedConnect::Unknown => return Err(malformed("`:protocol` is not `websocket`")),
        };
        let wants_websocket = is_extended_connect || hop_by_hop::wants_websocket(&method, &fields);
        // Before anything is removed, `Origin` included.
        let is_foreign_upgrade = wants_websocket && has_foreign_origin(&fields, line.authority());
        let source = forwarded::source(ingress.peer, &fields, ingress.trusted_proxies);
        let (taken, set_aside) = strip(&mut fields, ingress);
        taken.leave_foreign_cookies(&mut fields, ingress.session_cookie);
        Ok(Arc::new(Self {
            method,
            version,
            line,
            fields,
            taken,
            set_aside,
            session_cookie: Arc::clone(ingress.session_cookie),
            source: SourceAddress::new(source),
            wants_websocket,
            is_foreign_upgrade,
            is_extended_connect,
        }))
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    /// The host in lower case, without port.
    pub(crate) fn host(&self) -> &str {
        self.line.host()
    }

    /// The authority as it was sent, with its port.
    pub(crate) fn authority(&self) -> &str {
        self.line.authority()
    }

    /// The canonical path.
    pub(crate) fn path(&self) -> &str {
        self.line.path()
    }

    /// The query as it was sent.
    pub(crate) fn query(&self) -> Option<&str> {
        self.line.query()
    }

    /// Path and query as they are forwarded.
    pub(crate) fn target(&self) -> &str {
        self.line.target()
    }

    /// The fields that a service may see.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// A field that chooses a target, whether services may see it or not.
    pub(crate) fn balancing_header(&self, wanted: &HeaderName) -> Option<&[u8]> {
        let set_aside = || {
            let mut places = self.set_aside.iter();
            let place =
                places.find(|place| self.fields.name(**place) == wanted.as_str().as_bytes());
            place.map(|place| self.fields.value(*place))
        };
        self.fields.get(wanted).or_else(set_aside)
    }

    /// The credentials that came along, taken out of the fields.
    pub(crate) fn presented(&self) -> Presented<'_> {
        Presented::new(&self.fields, &self.taken, &self.session_cookie)
    }

    /// The address the request came from.
    pub(crate) fn source(&self) -> &SourceAddress {
        &self.source
    }

    /// Whether the downstream wants to switch to the WebSocket protocol.
    pub(crate) fn wants_websocket(&self) -> bool {
        self.wants_websocket
    }

    /// Whether a page of another origin opens a WebSocket. No same-origin policy keeps it from
    /// doing so with our cookie, so the handshake is where it is stopped (RFC 6455 section 10.2).
    pub(crate) fn is_foreign_upgrade(&self) -> bool {
        self.is_foreign_upgrade
    }

    /// The version of HTTP in which it came.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Whether the WebSocket is asked for over HTTP/2 (RFC 8441).
    pub(crate) fn is_extended_connect(&self) -> bool {
        self.is_extended_connect
    }
}

/// What the parser lets through and RFC 9112 section 6.3 allows to refuse.
fn check_framing(head: &Head) -> Result<(), Rejection> {
    let Head { fields, version, .. } = head;
    let mut lengths = fields.get_all("content-length");
    let (length, another) = (lengths.next(), lengths.next());
    if another.is_some() {
        return Err(malformed("several content-length headers"));
    }
    let mut encodings = fields.get_all("transfer-encoding");
    if let Some(encoding) = encodings.next() {
        if length.is_some() || encodings.next().is_some() || *version != Version::HTTP_11 {
            return Err(malformed("contradictory framing"));
        }
        if !encoding.eq_ignore_ascii_case(b"chunked") {
            return Err(malformed("transfer-encoding is not `chunked`"));
        }
    }
    if !fields.get_all("expect").all(|value| value.eq_ignore_ascii_case(b"100-continue")) {
        return Err(malformed("unknown expectation"));
    }
    Ok(())
}

/// Whether `Origin` names another host than the request; programs that are no browsers send none.
fn has_foreign_origin(fields: &Fields, authority: &str) -> bool {
    let is_ours = |origin: &[u8]| {
        origin.split_at_checked(origin.len().saturating_sub(authority.len())).is_some_and(
            |(scheme, host)| {
                scheme.ends_with(b"://") && host.eq_ignore_ascii_case(authority.as_bytes())
            },
        )
    };
    !fields.get_all("origin").all(is_ours)
}

/// Takes the credentials out, and removes what belongs to the connection, what the connection
/// nominates (RFC 9110 section 7.6.1), and what could be an identity.
fn strip(fields: &mut Fields, ingress: &Ingress<'_>) -> (Taken, Places) {
    let nominated = ConnectionOptions::of_request(fields).nominated;
    let (mut taken, mut set_aside) = (Taken::default(), Places::new());
    fields.retain(|place: Place, name: &[u8]| {
        if taken.take(name, place) {
            return false;
        }
        let is_kept = !(hop_by_hop::is_hop_by_hop(name)
            || nominated.iter().any(|nominated| nominated.as_str().as_bytes() == name)
            || matches!(name, b"host" | b"expect" | b"content-length")
            || identity_headers::is_stripped(name));
        if !is_kept && ingress.set_aside.iter().any(|aside| aside.as_str().as_bytes() == name) {
            set_aside.push(place);
        }
        is_kept
    });
    (taken, set_aside)
}

fn malformed(detail: impl std::fmt::Display) -> Rejection {
    Rejection::new(Reason::Malformed, detail.to_string())
}
