//! Compression of answers (RFC 9110 section 8.4), where a route asks for it.
//!
//! 1. What differs by `Accept-Encoding` says so (`Vary`), compressed or not.
//! 2. What is encoded already, is a part of something, a stream of events, a call of gRPC, or is not
//!    to be transformed (RFC 9111 section 5.2.2.6) stays as it is; so does what has a digest.
//! 3. An `ETag` becomes a weak one: what is compressed is not octet for octet the same (RFC 9110
//!    section 8.8.1).
//! 4. An answer that may hold a secret beside something that a foreign page chose is not compressed,
//!    since its length would tell how much they have in common (BREACH): none to a request that came
//!    with a cookie or another credential that a browser sends on its own, unless the browser says
//!    that a page of the same origin asked; and none that sets a cookie.
//! 5. The service is asked for an answer that is not encoded, so that what must not leave is found
//!    in it before it is compressed.

mod accept;
mod body;
mod encoder;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body::Body as _;

use crate::body::GatewayBody;
use crate::downstream::Downstream;
use crate::grpc;
use crate::stage::Clean;
use crate::vary::vary;
pub(crate) use body::Compressor;

/// Headers over the octets of an answer, which would no longer be true (RFC 9530, and before it).
const DIGESTS: [HeaderName; 4] = [
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
];
/// Who asked, as browsers say on their own (Fetch Metadata Request Headers section 2.3).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// How answers are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `br` (RFC 7932).
    Brotli,
    /// `gzip` (RFC 1952).
    Gzip,
}

/// Which answers of a route are compressed.
#[derive(Clone, Debug)]
pub struct Compression {
    /// The preferred ones first; not empty.
    pub encodings: Vec<Encoding>,
    /// The shortest body that is worth it, in bytes; one of unknown length is.
    pub min_size: u64,
    /// Media types, in lower case: `text/html`, or `text/*` for all of a kind.
    pub types: Vec<String>,
}

impl Encoding {
    /// Its name in `Content-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

impl Compression {
    /// Compresses an answer to this request, if it may be, and says on what that depends.
    pub(crate) fn dress(
        &self,
        clean: &Clean,
        downstream: &Downstream,
        response: &mut Response<GatewayBody>,
    ) {
        vary(response.headers_mut(), "accept-encoding");
        let accepted = accept::preferred(clean.fields(), &self.encodings);
        let Some(accept::Preferred { encoding, is_identity_refused }) = accepted else { return };
        if response.status() == StatusCode::NOT_MODIFIED {
            // The tag is that of the answer that there would have been (RFC 9110 section 15.4.5).
            if !is_held_as_it_is(clean, response.headers())
                && !is_exposed(clean, downstream, response)
            {
                weaken(response.headers_mut());
            }
            return;
        }
        let min_size = if is_identity_refused { 0 } else { self.min_size };
        if !self.compresses(clean, response, min_size) || is_exposed(clean, downstream, response) {
            return;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::ACCEPT_RANGES);
        weaken(headers);
        if clean.method() == Method::HEAD {
            response.body_mut().forget();
        } else {
            response.body_mut().compress(encoding);
        }
    }

    /// Whether the answer is of a kind that is compressed.
    fn compresses(&self, clean: &Clean, response: &Response<GatewayBody>, min_size: u64) -> bool {
        let (status, headers) = (response.status(), response.headers());
        let has_body = !matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::PARTIAL_CONTENT
        ) && !status.is_informational()
            && !status.is_redirection();
        let is_whole = !headers.contains_key(header::CONTENT_RANGE)
            && !headers.contains_key(header::CONTENT_ENCODING);
        has_body
            && is_whole
            && !clean.wants_websocket()
            && !grpc::is_call(clean.version(), clean.fields())
            && !values(headers).any(forbids_transform)
            && !clean.fields().get_all("cache-control").any(forbids_transform)
            && !DIGESTS.iter().any(|digest| headers.contains_key(digest))
            && !announces_digest(headers)
            && self.takes_type(headers)
            && length(clean, response).is_none_or(|length| length > 0 && length >= min_size)
    }

    fn takes_type(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        let is_stream = is_never_compressed(&essence);
        !is_stream
            && self.types.iter().any(|of| match of.strip_suffix('*') {
                Some(kind) => essence.starts_with(kind),
                None => essence == *of,
            })
    }
}

/// Whether a media type is one whose pieces belong to those who wait for them.
pub fn is_never_compressed(essence: &str) -> bool {
    essence == "text/event-stream" || essence.starts_with("application/grpc")
}

/// The length of the body, where it is known.
fn length(clean: &Clean, response: &Response<GatewayBody>) -> Option<u64> {
    let exact = response.body().size_hint().exact();
    if clean.method() == Method::HEAD {
        let value = response.headers().get(header::CONTENT_LENGTH);
        let said = value.and_then(|value| value.to_str().ok()?.parse().ok());
        // Of a service there is nothing at hand, of an answer of ours everything.
        return said.or(exact.filter(|length| *length > 0));
    }
    exact
}

/// Whether the client says that it holds the answer under the service's own tag, and not under the
/// weak one of what is compressed.
fn is_held_as_it_is(clean: &Clean, headers: &HeaderMap) -> bool {
    let Some(tag) = headers.get(header::ETAG).map(HeaderValue::as_bytes) else { return false };
    let (mut as_it_is, mut weakly) = (false, false);
    for list in clean.fields().get_all(header::IF_NONE_MATCH.as_str()) {
        for (at, _) in list.windows(tag.len()).enumerate().filter(|(_, found)| *found == tag) {
            let is_weak = list.get(..at).is_some_and(|before| before.ends_with(b"W/"));
            if is_weak { weakly = true } else { as_it_is = true }
        }
    }
    as_it_is && !weakly
}

/// Whether the length of the answer could tell a foreign page something (BREACH).
fn is_exposed(clean: &Clean, downstream: &Downstream, response: &Response<GatewayBody>) -> bool {
    if response.headers().contains_key(header::SET_COOKIE) {
        return true;
    }
    let is_ambient = clean.presented().is_ambient() || downstream.certificates.is_some();
    let is_own_page = clean.fields().only(FETCH_SITE) == Some(b"same-origin");
    is_ambient && !is_own_page
}

fn values(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::CACHE_CONTROL).iter().map(HeaderValue::as_bytes)
}

/// Whether one is to come in the trailers.
fn announces_digest(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::TRAILER).iter().map(HeaderValue::as_bytes);
    let mut names = values.flat_map(|value| value.split(|byte| *byte == b','));
    names.any(|name| {
        let name = name.trim_ascii();
        DIGESTS.iter().any(|digest| digest.as_str().as_bytes().eq_ignore_ascii_case(name))
    })
}

/// Whether a value of `Cache-Control` says so.
fn forbids_transform(value: &[u8]) -> bool {
    let mut directives = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    directives.any(|directive| directive.eq_ignore_ascii_case(b"no-transform"))
}

/// Makes an `ETag` a weak one.
fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = headers.get(header::ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"))
    else {
        return;
    };
    match HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()) {
        Ok(weak) => headers.insert(header::ETAG, weak),
        Err(_) => headers.remove(header::ETAG),
    };
}
