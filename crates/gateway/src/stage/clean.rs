//! clean: one canonical form of method, authority and path, and no header left that a service
//! could take for an identity.

mod http2;
mod line;
mod sent;
mod sorted;

use std::sync::Arc;

use http::header::HeaderName;
use http::{Method, Version};
use symbolon_core::cookie;

use super::presented::{self, Presented, Taken};
use crate::config::Limits;
use crate::extended_connect::ExtendedConnect;
use crate::fields::{Fields, Place, Places};
use crate::forwarded;
use crate::head::{Head, Target};
use crate::hop_by_hop;
use crate::rejection::{Reason, Rejection};
use crate::source_address::SourceAddress;
use crate::trusted::TrustedProxies;
use line::Line;
use sorted::Sorted;

/// Where a request came in.
pub(crate) struct Ingress<'a> {
    pub(crate) peer: &'a SourceAddress,
    /// `http` or `https`, as pages of ours have it.
    pub(crate) scheme: &'static str,
    pub(crate) limits: &'a Limits,
    pub(crate) session_cookie: &'a Arc<str>,
    pub(crate) trusted_proxies: &'a TrustedProxies,
    /// Headers that tell some service who calls, besides those that are stripped anyway.
    pub(crate) identity_headers: &'a [HeaderName],
    /// Headers that no service may see and somebody here asks for.
    pub(crate) set_aside: &'a [HeaderName],
}

/// A request in canonical form. Shared, because the stages and the access event all look at it.
#[derive(Debug)]
pub(crate) struct Clean {
    method: Method,
    version: Version,
    line: Line,
    /// What was asked for, before it was made canonical.
    target: Target,
    fields: Fields,
    content_length: Option<Place>,
    taken: Taken,
    /// Fields that no service may see and somebody here asks for.
    set_aside: Places,
    session_cookie: Arc<str>,
    source: SourceAddress,
    wants_websocket: bool,
    is_foreign_upgrade: bool,
    is_extended_connect: bool,
}

impl Clean {
    /// Makes it of the head of a request.
    pub(crate) fn new(mut head: Head, ingress: &Ingress<'_>) -> Result<Arc<Self>, Rejection> {
        if head.version == Version::HTTP_2 {
            http2::check(&mut head.fields, ingress.limits)?;
        }
        let is_extended_connect = match head.extended_connect {
            ExtendedConnect::No => false,
            ExtendedConnect::WebSocket => true,
            ExtendedConnect::Unknown => return Err(malformed("`:protocol` is not `websocket`")),
        };
        let wants_websocket = is_extended_connect || hop_by_hop::wants_websocket(&head);
        let peer = ingress.peer;
        let source = forwarded::source(peer.ip(), &head.fields, ingress.trusted_proxies);
        let sorted = Sorted::of(&mut head.fields, ingress);
        sorted.framing.check(head.version)?;
        let line = Line::of(&head, &sorted.hosts, ingress.limits)?;
        let Head { method, version, target, mut fields, .. } = head;
        let origin = (ingress.scheme, line.authority());
        let is_foreign_upgrade = wants_websocket && has_foreign_origin(&fields, origin);
        sorted.taken.leave_foreign_cookies(&mut fields, ingress.session_cookie);
        Ok(Arc::new(Self {
            method,
            version,
            line,
            target,
            fields,
            content_length: sorted.content_length,
            taken: sorted.taken,
            set_aside: sorted.set_aside,
            session_cookie: Arc::clone(ingress.session_cookie),
            source: if source == peer.ip() { peer.clone() } else { SourceAddress::new(source) },
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

    /// All values of a header that may be a credential, whether services may see it or not.
    pub(crate) fn values_of<'a>(
        &'a self,
        wanted: &'a HeaderName,
    ) -> impl Iterator<Item = &'a [u8]> {
        let name = wanted.as_str().as_bytes();
        let aside = self.set_aside.iter().filter(move |place| self.fields.name(**place) == name);
        let aside = aside.map(|place| self.fields.value(*place));
        let keys = (name == presented::API_KEY).then(|| self.presented().api_keys());
        self.fields.get_all(wanted).chain(aside).chain(keys.into_iter().flatten())
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

    /// Whether a `Set-Cookie` line is about a cookie of ours.
    pub(crate) fn is_about_our_cookie(&self, line: &[u8]) -> bool {
        let name = line.split(|byte| *byte == b'=').next().unwrap_or_default();
        cookie::is_of_session(name.trim_ascii(), &self.session_cookie)
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

/// Whether `Origin` is another one than the request's (RFC 6454 section 5): a page that came without
/// TLS is anybody's. Programs that are no browsers send none.
fn has_foreign_origin(fields: &Fields, (scheme, authority): (&str, &str)) -> bool {
    let is_ours = |origin: &[u8]| {
        let rest = origin.strip_prefix(scheme.as_bytes());
        let host = rest.and_then(|rest| rest.strip_prefix(b"://"));
        host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_bytes()))
    };
    !fields.get_all("origin").all(is_ours)
}

fn malformed(detail: impl std::fmt::Display) -> Rejection {
    Rejection::new(Reason::Malformed, detail.to_string())
}
