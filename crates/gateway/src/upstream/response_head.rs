//! The head of an answer: parsed strictly, its values taken over without copying.

use std::mem::MaybeUninit;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode, Version, response};
use smallvec::SmallVec;

use super::UpstreamError;
use super::framing::{self, Framing};
use crate::hop_by_hop::{self, ConnectionOptions};
use crate::trailers;

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 128 * 1024;
/// The most header fields of an answer.
const MAX_HEADERS: usize = 128;

/// Status, headers and framing of an answer; what concerned only the connection is gone.
#[derive(Debug)]
pub(super) struct ResponseHead {
    status: StatusCode,
    headers: HeaderMap,
    framing: Framing,
    keep_alive: bool,
    upgrade: Option<HeaderValue>,
}

/// Where the end of a head was looked for. A target that sends its head byte by byte must not have
/// all of it parsed for each: that is due where it may have ended, and whenever there is twice as
/// much.
#[derive(Default)]
pub(super) struct Search {
    parsed: usize,
    searched: usize,
}

impl Search {
    /// Whether what was read so far is to be parsed.
    pub(super) fn is_due(&mut self, read: &[u8]) -> bool {
        // The end may have begun before.
        let new = read.get(self.searched.saturating_sub(2)..).unwrap_or_default();
        self.searched = read.len();
        let is_due = read.len() >= MAX_HEAD.min(2 * self.parsed)
            || new.windows(2).any(|end| end == b"\n\n")
            || new.windows(3).any(|end| end == b"\n\r\n");
        if is_due {
            self.parsed = read.len();
        }
        is_due
    }
}

/// Takes a head off the front of `read`; `None` while it is incomplete.
pub(super) fn parse(
    read: &mut BytesMut,
    method: &Method,
) -> Result<Option<ResponseHead>, UpstreamError> {
    if read.is_empty() {
        return Ok(None);
    }
    let mut fields = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let length = match config.parse_response_with_uninit_headers(&mut parsed, read, &mut fields) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if read.len() < MAX_HEAD => return Ok(None),
        Ok(httparse::Status::Partial) => return Err(UpstreamError::Malformed("head too long")),
        Err(_) => return Err(UpstreamError::Malformed("head")),
    };
    let status = parsed
        .code
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or(UpstreamError::Malformed("status"))?;
    let version = if parsed.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let places: SmallVec<[Place; 24]> =
        parsed.headers.iter().map(|field| Place::of(field, read)).collect();
    let raw = read.split_to(length).freeze();
    let (headers, is_plain) = collect(&raw, &places)?;
    finish(status, version, headers, is_plain, method).map(Some)
}

impl ResponseHead {
    /// Whether a final answer is still to come (RFC 9110 section 15.2).
    pub(super) fn is_interim(&self) -> bool {
        self.status.is_informational() && !self.is_switching()
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// Adds a cookie of our own.
    pub(super) fn add_cookie(&mut self, line: HeaderValue) {
        self.headers.append(header::SET_COOKIE, line);
    }

    /// Whether the connection now speaks another protocol.
    pub(super) fn is_switching(&self) -> bool {
        self.status == StatusCode::SWITCHING_PROTOCOLS
    }

    /// Whether it is 2xx.
    pub(super) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The protocol that it switches to.
    pub(super) fn upgrade(&self) -> Option<&HeaderValue> {
        self.upgrade.as_ref()
    }

    /// What the downstream gets, how the body is delimited, whether the connection may be kept.
    pub(super) fn into_parts(self) -> (response::Parts, Framing, bool) {
        let (mut parts, ()) = http::Response::new(()).into_parts();
        parts.status = self.status;
        parts.headers = self.headers;
        (parts, self.framing, self.keep_alive)
    }
}

/// Where a field stands in the raw head.
struct Place {
    name: (usize, usize),
    value: (usize, usize),
}

impl Place {
    fn of(field: &httparse::Header<'_>, read: &[u8]) -> Self {
        let base = read.as_ptr().addr();
        let place = |part: &[u8]| {
            let start = part.as_ptr().addr().saturating_sub(base);
            (start, start + part.len())
        };
        Self { name: place(field.name.as_bytes()), value: place(field.value) }
    }
}

/// The fields, and whether none of them is about the connection.
fn collect(raw: &Bytes, places: &[Place]) -> Result<(HeaderMap, bool), UpstreamError> {
    let mut headers = HeaderMap::with_capacity(places.len() + 4);
    let mut is_plain = true;
    for place in places {
        let name = raw.get(place.name.0..place.name.1).unwrap_or_default();
        let name = HeaderName::from_bytes(name).map_err(|_| UpstreamError::Malformed("name"))?;
        // INVARIANT: both ends were computed from slices of `raw`.
        let value = HeaderValue::from_maybe_shared(raw.slice(place.value.0..place.value.1))
            .map_err(|_| UpstreamError::Malformed("value"))?;
        is_plain &= !hop_by_hop::is_hop_by_hop(name.as_str().as_bytes());
        headers.append(name, value);
    }
    Ok((headers, is_plain))
}

fn finish(
    status: StatusCode,
    version: Version,
    mut headers: HeaderMap,
    is_plain: bool,
    method: &Method,
) -> Result<ResponseHead, UpstreamError> {
    let framing = framing::of_response(status, version, &headers, method)?;
    if is_plain && version == Version::HTTP_11 {
        let keep_alive = framing != Framing::UntilClose && !contradicts_itself(status, &headers);
        return Ok(ResponseHead { status, headers, framing, keep_alive, upgrade: None });
    }
    let options = ConnectionOptions::of(&headers);
    let keep_alive = version == Version::HTTP_11
        && !options.close
        && framing != Framing::UntilClose
        && !contradicts_itself(status, &headers);
    let upgrade = headers.get(header::UPGRADE).cloned();
    let announced = trailers::announced(&headers);
    strip(&mut headers, options.nominated);
    if let Some(announced) = announced {
        headers.insert(header::TRAILER, announced);
    }
    Ok(ResponseHead { status, headers, framing, keep_alive, upgrade })
}

/// Whether an answer that has no body announces one all the same (RFC 9110 section 8.6): what
/// comes late would be taken for the answer to the next request.
fn contradicts_itself(status: StatusCode, headers: &HeaderMap) -> bool {
    let is_none = |value: &HeaderValue| value.as_bytes() == b"0";
    status == StatusCode::NO_CONTENT
        && (headers.contains_key(header::TRANSFER_ENCODING)
            || !headers.get_all(header::CONTENT_LENGTH).iter().all(is_none))
}

fn strip(headers: &mut HeaderMap, mut removed: SmallVec<[HeaderName; 2]>) {
    removed.extend(
        headers.keys().filter(|name| hop_by_hop::is_hop_by_hop(name.as_str().as_bytes())).cloned(),
    );
    for name in removed {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps(head: &str) -> bool {
        let mut read = BytesMut::from(head.as_bytes());
        let head = parse(&mut read, &Method::GET).unwrap().unwrap();
        head.into_parts().2
    }

    #[test]
    fn a_head_that_comes_byte_by_byte_is_looked_at_a_few_times() {
        let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100_000));
        let mut search = Search::default();
        let due = (0..=head.len()).filter(|length| search.is_due(&head.as_bytes()[..*length]));
        let due: Vec<usize> = due.collect();
        // Whenever there is twice as much, and at the end.
        assert_eq!(due.last(), Some(&head.len()));
        assert!(due.len() < 25, "{due:?}");
        for end in ["\r\n\r\n", "\n\n"] {
            let read = format!("HTTP/1.1 200 OK\r\nx: y{end}");
            for before in read.len() - end.len()..read.len() {
                let mut search = Search { parsed: before, searched: before };
                assert!(search.is_due(read.as_bytes()), "{before}");
            }
        }
    }

    #[test]
    fn a_connection_is_kept_only_where_nothing_is_doubtful() {
        assert!(keeps("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"));
        assert!(keeps("HTTP/1.1 204 No Content\r\n\r\n"));
        assert!(keeps("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"));
        for doubtful in [
            "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n",
            "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: x, Close\r\n\r\n",
            "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n",
        ] {
            assert!(!keeps(doubtful), "{doubtful}");
        }
    }
}
