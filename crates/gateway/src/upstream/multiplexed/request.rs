//! The request as a service that speaks HTTP/2 receives it: the same fields as over HTTP/1.1.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri, Version};

use super::super::request_head::{self, Origin, Sink};
use super::super::uri;
use super::{Sending, UpstreamError};
use crate::balance::Member;
use crate::stage::Outbound;

/// Writes it.
///
/// # Errors
/// Where the target is longer than the client takes.
pub(super) fn write(
    outbound: &Outbound,
    origin: &Origin,
    is_secure: bool,
    body: Sending,
) -> Result<Request<Sending>, UpstreamError> {
    let matched = outbound.permitted().identified().admitted().matched();
    let clean = matched.clean();
    let mut fields = Fields(HeaderMap::with_capacity(clean.fields().len() + 8));
    request_head::fields(&mut fields, outbound, origin);
    // What trailers come are passed on, or dropped where the downstream cannot have them.
    fields.0.insert(header::TE, HeaderValue::from_static("trailers"));
    let mut request = Request::new(body);
    *request.method_mut() = clean.method().clone();
    *request.uri_mut() = whole(is_secure, origin.host(clean), &matched.target())?;
    *request.version_mut() = Version::HTTP_2;
    *request.headers_mut() = fields.0;
    Ok(request)
}

/// A request of our own.
pub(super) fn get(
    member: &Member,
    path: &str,
    body: Sending,
) -> Result<Request<Sending>, UpstreamError> {
    let mut request = Request::new(body);
    *request.uri_mut() = whole(member.tls.is_some(), &member.host, path)?;
    *request.version_mut() = Version::HTTP_2;
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("symbolon"));
    Ok(request)
}

fn whole(is_secure: bool, authority: &str, target: &str) -> Result<Uri, UpstreamError> {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(if is_secure { Scheme::HTTPS } else { Scheme::HTTP });
    // INVARIANT: both were read off a URI and only made stricter since. What a route makes of it may
    // be longer, and `http` takes less than 64 KiB.
    parts.authority = Authority::try_from(authority).ok();
    parts.path_and_query = PathAndQuery::try_from(&*uri::target(target)).ok();
    Uri::from_parts(parts).map_err(|_| UpstreamError::TargetTooLong)
}

struct Fields(HeaderMap);

impl Sink for Fields {
    fn pass(&mut self, name: &[u8], value: &[u8]) {
        // INVARIANT: it is a field that was sent to us, or one of the configuration.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            self.0.append(name, value);
        }
    }

    fn say(&mut self, name: &'static str, value: &[&[u8]]) {
        // INVARIANT: the parts are texts of ours and values of headers.
        if let Ok(mut value) = HeaderValue::from_bytes(&value.concat()) {
            value.set_sensitive(name == header::AUTHORIZATION);
            self.0.insert(HeaderName::from_static(name), value);
        }
    }
}
