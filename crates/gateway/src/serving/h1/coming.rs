//! What of a request's body is still to come (RFC 9112 section 6). Anything doubtful is an error.

use bytes::BytesMut;
use http::Version;

use crate::chunked::{Chunked, Decoded, Malformed};
use crate::fields::Fields;
use crate::trailers;

/// The rest of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Coming {
    /// This many bytes; none for a request without a body.
    Length(u64),
    /// Chunks, then maybe trailers.
    Chunked(Chunked),
}

impl Coming {
    /// Reads it off the fields.
    pub(super) fn of(fields: &Fields, version: Version) -> Result<Self, &'static str> {
        let length = content_length(fields)?;
        let mut encodings = fields.get_all("transfer-encoding");
        let Some(encoding) = encodings.next() else {
            return Ok(Self::Length(length.unwrap_or(0)));
        };
        if length.is_some() || encodings.next().is_some() || version != Version::HTTP_11 {
            return Err("contradictory framing");
        }
        if !encoding.eq_ignore_ascii_case(b"chunked") {
            return Err("transfer-encoding is not `chunked`");
        }
        Ok(Self::Chunked(Chunked::default()))
    }

    /// Whether nothing more comes.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_over(),
        }
    }

    /// How many bytes, where it was said.
    pub(super) fn remaining(&self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(*left),
            Self::Chunked(_) => None,
        }
    }

    /// Takes the next piece off the front of `read`.
    pub(super) fn decode(&mut self, read: &mut BytesMut) -> Result<Decoded, Malformed> {
        match self {
            Self::Length(0) => Ok(Decoded::End),
            Self::Length(_) if read.is_empty() => Ok(Decoded::More),
            Self::Length(left) => {
                let take = usize::try_from(*left).unwrap_or(usize::MAX).min(read.len());
                *left -= take as u64;
                Ok(Decoded::Data(read.split_to(take).freeze()))
            }
            Self::Chunked(chunked) => chunked.decode(read, trailers::is_request_trailer),
        }
    }
}

fn content_length(fields: &Fields) -> Result<Option<u64>, &'static str> {
    let mut values = fields.get_all("content-length");
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err("several content-length headers");
    }
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let digits = std::str::from_utf8(value).ok().filter(|_| is_number);
    digits.and_then(|digits| digits.parse().ok()).map(Some).ok_or("content-length is no number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(&str, &str)]) -> Result<Coming, &'static str> {
        Coming::of(&rows.iter().copied().collect(), Version::HTTP_11)
    }

    #[test]
    fn a_body_is_delimited_in_one_way_or_not_at_all() {
        assert_eq!(of(&[]), Ok(Coming::Length(0)));
        assert_eq!(of(&[("content-length", "18446744073709551615")]), Ok(Coming::Length(u64::MAX)));
        assert_eq!(
            of(&[("transfer-encoding", "Chunked")]),
            Ok(Coming::Chunked(Chunked::default()))
        );
        let doubtful: [&[(&str, &str)]; 12] = [
            &[("content-length", "")],
            &[("content-length", "+1")],
            &[("content-length", "1 ")],
            &[("content-length", "1, 1")],
            &[("content-length", "0x1")],
            &[("content-length", "18446744073709551616")],
            &[("content-length", "1"), ("content-length", "1")],
            &[("content-length", "1"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "gzip, chunked")],
            &[("transfer-encoding", "")],
            &[("transfer-encoding", "identity")],
        ];
        for rows in doubtful {
            assert!(of(rows).is_err(), "{rows:?}");
        }
        let old = [("transfer-encoding", "chunked")].into_iter().collect();
        assert!(Coming::of(&old, Version::HTTP_10).is_err());
    }
}
