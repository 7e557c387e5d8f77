//! What the gateway has to know of gRPC (the protocol "gRPC over HTTP/2"): how a call is told from
//! other requests, how long its caller waits, and how a refusal is said in its words.

use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use http::{StatusCode, Version};

use crate::fields::Fields;

/// How long the caller waits, as the caller says.
const TIMEOUT: &str = "grpc-timeout";
/// How the call ended.
pub(crate) const STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// The same in words.
pub(crate) const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// The most digits of a timeout.
const MAX_DIGITS: usize = 8;

/// The statuses of gRPC that a refusal can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Unknown = 2,
    DeadlineExceeded = 4,
    PermissionDenied = 7,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// Whether it is a call; `application/grpc-web` is not, it reads HTTP statuses.
pub(crate) fn is_call(version: Version, fields: &Fields) -> bool {
    if version != Version::HTTP_2 {
        return false;
    }
    let rest = fields.get("content-type").and_then(|value| value.strip_prefix(b"application/grpc"));
    rest.is_some_and(|rest| matches!(rest, [] | [b'+' | b';', ..]))
}

/// How long the caller waits; nothing where it does not say so in the right form.
pub(crate) fn timeout(fields: &Fields) -> Option<Duration> {
    let (unit, digits) = fields.get(TIMEOUT)?.split_last()?;
    if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    match unit {
        b'H' => Some(Duration::from_secs(value * 3_600)),
        b'M' => Some(Duration::from_secs(value * 60)),
        b'S' => Some(Duration::from_secs(value)),
        b'm' => Some(Duration::from_millis(value)),
        b'u' => Some(Duration::from_micros(value)),
        b'n' => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

/// What an HTTP status means to a caller, row by row as in gRPC's own "HTTP to gRPC status code
/// mapping"; a redirect to log in is a 401 to somebody who cannot follow it.
pub(crate) fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        400 => Code::Internal,
        401 | 303 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

impl Code {
    /// The number as it is sent.
    pub(crate) fn to_header(self) -> HeaderValue {
        HeaderValue::from(self as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(name: &str, value: &str) -> Fields {
        [(name, value)].into_iter().collect()
    }

    #[test]
    fn a_call_is_known_by_its_content_type() {
        let is = |value| is_call(Version::HTTP_2, &fields("content-type", value));
        for value in ["application/grpc", "application/grpc+proto", "application/grpc;x=y"] {
            assert!(is(value), "{value}");
            let fields = fields("content-type", value);
            assert!(!is_call(Version::HTTP_11, &fields), "{value}");
        }
        for value in ["application/grpc-web", "application/grpcx", "application/json"] {
            assert!(!is(value), "{value}");
        }
    }

    #[test]
    fn a_timeout_has_up_to_eight_digits_and_a_unit() {
        let read = |value| timeout(&fields(TIMEOUT, value));
        assert_eq!(read("1H"), Some(Duration::from_hours(1)));
        assert_eq!(read("99999999n"), Some(Duration::from_nanos(99_999_999)));
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("2S"), Some(Duration::from_secs(2)));
        for wrong in ["", "S", "5", "-1S", "1.5S", "123456789S", "1x", " 1S", "+1S"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn http_statuses_are_mapped_as_grpc_says() {
        let rows = [(400, 13), (401, 16), (403, 7), (404, 12), (429, 14), (502, 14), (503, 14)];
        for (status, code) in [&rows[..], &[(504, 14), (303, 16), (405, 2), (413, 2)]].concat() {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(code_of(status).to_header(), code.to_string().as_str(), "{status}");
        }
    }
}
