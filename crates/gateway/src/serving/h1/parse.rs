//! The head of a request in bytes (RFC 9112 sections 2 to 5), and how its body is delimited.

use std::mem::MaybeUninit;

use http::{Method, Uri, Version};
use httparse::{Header, ParserConfig, Status};

use super::coming::Coming;
use crate::chunked::has_bare_line_feed;
use crate::config::Limits;
use crate::extended_connect::ExtendedConnect;
use crate::fields::{Fields, Place, Span};
use crate::head::{Head, Target};
use crate::hop_by_hop::ConnectionOptions;
use crate::rejection::{Reason, Rejection};

/// Up to this many fields are parsed without an allocation.
const USUAL_FIELDS: usize = 100;

/// A head, and what it says of the connection.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) head: Head,
    /// The body that follows.
    pub(super) coming: Coming,
    /// Whether another request may follow.
    pub(super) keep_alive: bool,
    /// Whether the client waits to be told to go on (RFC 9110 section 10.1.1).
    pub(super) expects_continue: bool,
    /// Whether trailers are welcome (section 10.1.4).
    pub(super) takes_trailers: bool,
}

/// Reads a head off the front of `bytes`, and tells how long it is; `None` while it is incomplete.
///
/// # Errors
/// What is no request, or a longer one than is taken.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Option<(Parsed, usize)>, Rejection> {
    let parsed = if limits.header_count <= USUAL_FIELDS {
        let mut room = [const { MaybeUninit::uninit() }; USUAL_FIELDS];
        parse_into(bytes, room.get_mut(..limits.header_count).unwrap_or_default())?
    } else {
        parse_into(bytes, &mut vec![MaybeUninit::uninit(); limits.header_count])?
    };
    match parsed {
        Some((_, length)) if length > limits.head_bytes => Err(too_large(bytes, limits)),
        None if bytes.len() >= limits.head_bytes => Err(too_large(bytes, limits)),
        parsed => Ok(parsed),
    }
}

fn parse_into<'b>(
    bytes: &'b [u8],
    room: &mut [MaybeUninit<Header<'b>>],
) -> Result<Option<(Parsed, usize)>, Rejection> {
    let mut request = httparse::Request::new(&mut []);
    let config = ParserConfig::default();
    let length = match config.parse_request_with_uninit_headers(&mut request, bytes, room) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(too_many());
        }
        Err(error) => return Err(malformed(error.to_string())),
    };
    // RFC 9112 section 2.2: an empty line before a request, of which half may be gone.
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    if has_bare_line_feed(bytes.get(blank..length).unwrap_or_default()) {
        return Err(malformed("a line ends without a carriage return"));
    }
    let (Some(method), Some(target)) = (request.method, request.path) else {
        return Err(malformed("no request line"));
    };
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| malformed("method"))?;
    let version = if request.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let target = if target.starts_with('/') {
        Target::Origin(Span::of(target.as_bytes(), bytes))
    } else {
        let uri = Uri::try_from(target).map_err(|error| malformed(error.to_string()))?;
        Target::Absolute(Box::new(uri))
    };
    let text = bytes.get(..length).unwrap_or_default().to_vec();
    let mut fields = Fields::of_head(text, request.headers.len());
    for field in request.headers.iter() {
        let span = |part: &[u8]| Span::of(part, bytes);
        fields.add(Place::new(span(field.name.as_bytes()), span(field.value)));
    }
    let head = Head { method, version, target, fields, extended_connect: ExtendedConnect::No };
    Ok(Some((Parsed::of(head)?, length)))
}

impl Parsed {
    fn of(head: Head) -> Result<Self, Rejection> {
        let Head { fields, version, .. } = &head;
        let coming = Coming::of(fields, *version).map_err(malformed)?;
        let options = ConnectionOptions::of_request(fields);
        let is_1_1 = *version == Version::HTTP_11;
        let expects = |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
        let trailers = |value: &[u8]| {
            let mut codings = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            codings.any(|coding| coding.eq_ignore_ascii_case(b"trailers"))
        };
        Ok(Self {
            keep_alive: !options.close && (is_1_1 || options.keep_alive),
            expects_continue: is_1_1 && !coming.is_over() && fields.get_all("expect").any(expects),
            takes_trailers: is_1_1 && fields.get_all("te").any(trailers),
            coming,
            head,
        })
    }
}

/// What is refused here of a head that came over no connection, and the length of the body that it
/// announces.
pub(crate) fn judge(head: &Head, limits: &Limits) -> Result<Option<u64>, Rejection> {
    // Before and behind the target, before and behind a value.
    const LINE: usize = " ".len() + " HTTP/1.1\r\n".len();
    const FIELD: usize = ": ".len() + "\r\n".len();
    let fields = &head.fields;
    if fields.len() > limits.header_count {
        return Err(too_many());
    }
    let line = head.method.as_str().len() + head.path_and_query().len() + LINE;
    if line > limits.head_bytes {
        return Err(Rejection::new(Reason::TargetTooLong, "request line"));
    }
    let length = fields.iter().map(|(name, value)| name.len() + value.len() + FIELD).sum::<usize>();
    if line + length + "\r\n".len() > limits.head_bytes {
        return Err(Rejection::new(Reason::HeadTooLarge, "length of the head"));
    }
    let coming = Coming::of(fields, head.version).map_err(malformed)?;
    Ok(coming.remaining())
}

fn too_many() -> Rejection {
    Rejection::new(Reason::HeadTooLarge, "number of fields")
}

/// Whether a head may end here.
pub(super) fn has_empty_line(bytes: Option<&[u8]>) -> bool {
    let bytes = bytes.unwrap_or_default();
    let mut line_ends = memchr::memchr_iter(b'\n', bytes);
    line_ends.any(|at| matches!(bytes.get(at + 1..), Some([b'\n', ..] | [b'\r', b'\n', ..])))
}

/// Whichever part of the head is too long.
fn too_large(bytes: &[u8], limits: &Limits) -> Rejection {
    let line = bytes.get(..limits.head_bytes).unwrap_or(bytes);
    if memchr::memchr(b'\n', line).is_none() {
        Rejection::new(Reason::TargetTooLong, "request line")
    } else {
        Rejection::new(Reason::HeadTooLarge, "length of the head")
    }
}

fn malformed(detail: impl Into<std::borrow::Cow<'static, str>>) -> Rejection {
    Rejection::new(Reason::Malformed, detail)
}
