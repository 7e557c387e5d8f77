//! clean: one canonical form of method, authority and path, and no header left that a service
//! could take for an identity.

mod http2;

use std::net::SocketAddr;
use std::sync::Arc;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Version, request};
use smallvec::SmallVec;

use super::Presented;
use crate::canonical;
use crate::config::Limits;
use crate::extended_connect::ExtendedConnect;
use crate::forwarded;
use crate::hop_by_hop::{self, ConnectionOptions};
use crate::identity_headers;
use crate::rejection::{Reason, Rejection};
use crate::source_address::SourceAddress;
use crate::trusted::TrustedProxies;

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
    host: String,
    authority: String,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    set_aside: SmallVec<[(HeaderName, http::HeaderValue); 1]>,
    presented: Presented,
    source: SourceAddress,
    upgrade: Option<HeaderValue>,
    is_foreign_upgrade: bool,
    version: Version,
    is_extended_connect: bool,
}

impl Clean {
    /// Makes it of the head of a request.
    pub(crate) fn new(head: request::Parts, ingress: &Ingress<'_>) -> Result<Arc<Self>, Rejection> {
        let request::Parts { method, uri, version, mut headers, extensions, .. } = head;
        check_framing(version, &headers)?;
        if version == Version::HTTP_2 {
            http2::check(&mut headers, ingress.limits)?;
        }
        let target_len = uri.path_and_query().map_or(0, |target| target.as_str().len());
        if target_len > ingress.limits.target_bytes {
            return Err(Rejection::new(Reason::TargetTooLong, ""));
        }
        let authority = authority(&uri, version, &headers)?;
        let host = canonical::host_of(&authority).map_err(malformed)?.into_owned();
        let path = canonical::path(uri.path()).map_err(malformed)?.into_owned();
        let query = uri.query().map(str::to_owned);
        if !query.as_deref().is_none_or(canonical::query_is_clean) {
            return Err(malformed("forbidden character in the query"));
        }
        let is_extended_connect = extensions.get::<ExtendedConnect>().is_some();
        let upgrade = if is_extended_connect {
            Some(HeaderValue::from_static("websocket"))
        } else {
            hop_by_hop::upgrade_wanted(&method, &headers)
        };
        // Before anything is removed, `Origin` included.
        let is_foreign_upgrade = upgrade.is_some() && has_foreign_origin(&headers, &authority);
        let source = forwarded::source(ingress.peer, &headers, ingress.trusted_proxies);
        let presented = Presented::take(&mut headers, ingress.session_cookie);
        let value = |name: &HeaderName| Some((name.clone(), headers.get(name)?.clone()));
        let set_aside = ingress.set_aside.iter().filter_map(value).collect();
        strip(&mut headers);
        let source = SourceAddress::new(source);
        Ok(Arc::new(Self {
            method,
            host,
            authority,
            path,
            query,
            headers,
            set_aside,
            presented,
            source,
            upgrade,
            is_foreign_upgrade,
            version,
            is_extended_connect,
        }))
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    /// The host in lower case, without port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The authority as it was sent, with its port.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The canonical path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The query as it was sent.
    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The headers that a service may see.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header that chooses a target, whether services may see it or not.
    pub(crate) fn balancing_header(&self, wanted: &HeaderName) -> Option<&http::HeaderValue> {
        let set_aside = self.set_aside.iter().find(|(name, _)| name == wanted);
        self.headers.get(wanted).or_else(|| set_aside.map(|(_, value)| value))
    }

    /// The credentials that came along, taken out of the headers.
    pub(crate) fn presented(&self) -> &Presented {
        &self.presented
    }

    /// The address the request came from.
    pub(crate) fn source(&self) -> &SourceAddress {
        &self.source
    }

    /// The protocol the downstream wants to switch to.
    pub(crate) fn upgrade(&self) -> Option<&HeaderValue> {
        self.upgrade.as_ref()
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

    /// Path and query as they are forwarded.
    pub(crate) fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

/// What the parser lets through and RFC 9112 section 6.3 allows to refuse.
fn check_framing(version: Version, headers: &HeaderMap) -> Result<(), Rejection> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let (length, another) = (lengths.next(), lengths.next());
    if another.is_some() {
        return Err(malformed("several content-length headers"));
    }
    let mut encodings = headers.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(encoding) = encodings.next() {
        if length.is_some() || encodings.next().is_some() || version != Version::HTTP_11 {
            return Err(malformed("contradictory framing"));
        }
        if !encoding.as_bytes().eq_ignore_ascii_case(b"chunked") {
            return Err(malformed("transfer-encoding is not `chunked`"));
        }
    }
    let mut expectations = headers.get_all(header::EXPECT).iter();
    if !expectations.all(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(malformed("unknown expectation"));
    }
    Ok(())
}

fn authority(uri: &http::Uri, version: Version, headers: &HeaderMap) -> Result<String, Rejection> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, second) = (hosts.next(), hosts.next());
    if second.is_some() {
        return Err(malformed(canonical::AuthorityError::Several));
    }
    let host = match host.map(|host| host.to_str()) {
        Some(Ok(host)) => Some(host),
        Some(Err(_)) => return Err(malformed(canonical::AuthorityError::Malformed)),
        None => None,
    };
    let target = uri.authority().map(http::uri::Authority::as_str);
    match (host, target) {
        (Some(host), None) => Ok(host.to_owned()),
        // RFC 9112 section 3.2.2: an absolute target names the host; here it must agree. So must
        // `:authority` (RFC 9113 section 8.3.1).
        (Some(host), Some(target)) if host.eq_ignore_ascii_case(target) => Ok(host.to_owned()),
        (Some(_), Some(_)) => Err(malformed(canonical::AuthorityError::Several)),
        // RFC 9113 section 8.3.1: `:authority` stands in for it.
        (None, Some(target)) if version == Version::HTTP_2 => Ok(target.to_owned()),
        (None, _) => Err(malformed(canonical::AuthorityError::Missing)),
    }
}

/// Whether `Origin` names another host than the request; programs that are no browsers send none.
fn has_foreign_origin(headers: &HeaderMap, authority: &str) -> bool {
    let is_ours = |origin: &HeaderValue| {
        let origin = origin.as_bytes();
        origin.split_at_checked(origin.len().saturating_sub(authority.len())).is_some_and(
            |(scheme, host)| {
                scheme.ends_with(b"://") && host.eq_ignore_ascii_case(authority.as_bytes())
            },
        )
    };
    !headers.get_all(header::ORIGIN).iter().all(is_ours)
}

/// Removes what belongs to the connection, what the connection nominates (RFC 9110 section
/// 7.6.1), and what could be an identity.
fn strip(headers: &mut HeaderMap) {
    let nominated = ConnectionOptions::of(headers).nominated;
    let removed: SmallVec<[HeaderName; 12]> = headers
        .keys()
        .filter(|name| {
            hop_by_hop::is_hop_by_hop(name.as_str())
                || nominated.contains(name)
                || identity_headers::is_stripped(name.as_str())
                || *name == header::HOST
                || *name == header::EXPECT
                || *name == header::CONTENT_LENGTH
        })
        .cloned()
        .collect();
    for name in removed {
        headers.remove(name);
    }
}

fn malformed(detail: impl std::fmt::Display) -> Rejection {
    Rejection::new(Reason::Malformed, detail.to_string())
}
