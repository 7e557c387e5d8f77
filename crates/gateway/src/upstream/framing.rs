//! How the body of an answer is delimited (RFC 9112 section 6.3); anything doubtful is an error.

use bytes::BytesMut;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode, Version};

use super::UpstreamError;
use crate::chunked::{Chunked, Decoded};
use crate::trailers;

/// The end of a body, and how far it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// This many more bytes.
    Length(u64),
    /// Chunks, then maybe trailers.
    Chunked(Chunked),
    /// Whatever comes until the target closes.
    UntilClose,
}

impl Framing {
    /// Whether the body is over.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_over(),
            Self::UntilClose => false,
        }
    }

    /// The length that is still to come, where it is known.
    pub(super) fn remaining(&self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(*left),
            Self::Chunked(_) | Self::UntilClose => None,
        }
    }

    /// Takes the next piece off the front of `read`.
    pub(super) fn decode(&mut self, read: &mut BytesMut) -> Result<Decoded, UpstreamError> {
        match self {
            Self::Length(0) => Ok(Decoded::End),
            Self::Length(left) => {
                let take = usize::try_from(*left).unwrap_or(usize::MAX).min(read.len());
                if take == 0 {
                    return Ok(Decoded::More);
                }
                *left -= take as u64;
                Ok(Decoded::Data(read.split_to(take).freeze()))
            }
            Self::Chunked(chunked) => Ok(chunked.decode(read, trailers::is_response_trailer)?),
            Self::UntilClose if read.is_empty() => Ok(Decoded::More),
            Self::UntilClose => Ok(Decoded::Data(read.split().freeze())),
        }
    }
}

/// Reads it off status and headers.
pub(super) fn of_response(
    status: StatusCode,
    version: Version,
    headers: &HeaderMap,
    method: &Method,
) -> Result<Framing, UpstreamError> {
    let encoding = headers.get_all(header::TRANSFER_ENCODING);
    let mut encodings = encoding.iter();
    let is_encoded = encodings.next().is_some();
    let length = content_length(headers)?;
    if is_encoded && (length.is_some() || version == Version::HTTP_10) {
        return Err(UpstreamError::Malformed("contradictory framing"));
    }
    let is_bodyless = method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if is_bodyless {
        return Ok(Framing::Length(0));
    }
    if !is_encoded {
        return Ok(length.map_or(Framing::UntilClose, Framing::Length));
    }
    let only = encodings.next().is_none();
    let is_chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    if only && encoding.iter().all(is_chunked) {
        Ok(Framing::Chunked(Chunked::default()))
    } else {
        Err(UpstreamError::Malformed("unknown transfer coding"))
    }
}

fn content_length(headers: &HeaderMap) -> Result<Option<u64>, UpstreamError> {
    let malformed = || UpstreamError::Malformed("content-length");
    let mut values = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(malformed());
    }
    let digits = value.to_str().map_err(|_| malformed())?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed());
    }
    digits.parse().map(Some).map_err(|_| malformed())
}
