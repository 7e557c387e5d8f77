//! The chunked transfer coding (RFC 9112 section 7.1), of requests and of answers.
//!
//! Strict: hexadecimal sizes without sign or space, CRLF and nothing else. Extensions are read
//! over and bounded; trailers are bounded and filtered.

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use memchr::memmem;

/// The longest line with a chunk size and its extensions, in bytes.
const MAX_SIZE_LINE: usize = 256;
/// The most of extensions in all chunks together, in bytes: they mean nothing to anybody here, and
/// reading over them costs something.
const MAX_EXTENSIONS: usize = 16 * 1024;
/// The longest trailer section, in bytes.
const MAX_TRAILERS: usize = 8 * 1024;
/// The most trailer fields.
const MAX_TRAILER_FIELDS: usize = 32;

/// A reader of chunks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Chunked {
    state: State,
    /// How many bytes of extensions have come.
    extensions: usize,
}

/// What the bytes at hand yield.
#[derive(Debug, PartialEq)]
pub(crate) enum Decoded {
    /// A piece of the body.
    Data(Bytes),
    /// Fields after the body, which is over.
    Trailers(HeaderMap),
    /// The body is over.
    End,
    /// More bytes are needed.
    More,
}

/// What is no body in chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed {0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the line with a size.
    #[default]
    Size,
    /// Inside a chunk.
    Data(u64),
    /// Before the CRLF after a chunk.
    DataEnd,
    /// In the trailer section.
    Trailers,
    /// Behind everything.
    Over,
}

impl Chunked {
    /// Whether the last chunk and the trailers were read.
    pub(crate) fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// Takes the next piece off the front of `read`. Of the trailers, `keep` chooses.
    pub(crate) fn decode(
        &mut self,
        read: &mut BytesMut,
        keep: fn(&HeaderName) -> bool,
    ) -> Result<Decoded, Malformed> {
        loop {
            self.state = match self.state {
                State::Size => match self.take_size(read)? {
                    None => return Ok(Decoded::More),
                    Some(0) => State::Trailers,
                    Some(size) => State::Data(size),
                },
                State::Data(left) => {
                    let take = usize::try_from(left).unwrap_or(usize::MAX).min(read.len());
                    if take == 0 {
                        return Ok(Decoded::More);
                    }
                    let left = left - take as u64;
                    self.state = if left == 0 { State::DataEnd } else { State::Data(left) };
                    return Ok(Decoded::Data(read.split_to(take).freeze()));
                }
                State::DataEnd => match read.first_chunk::<2>() {
                    None => return Ok(Decoded::More),
                    Some(b"\r\n") => {
                        read.advance(2);
                        State::Size
                    }
                    Some(_) => return Err(Malformed("chunk end")),
                },
                State::Trailers => match take_trailers(read, keep)? {
                    None => return Ok(Decoded::More),
                    Some(trailers) => {
                        self.state = State::Over;
                        let is_empty = trailers.is_empty();
                        return Ok(if is_empty {
                            Decoded::End
                        } else {
                            Decoded::Trailers(trailers)
                        });
                    }
                },
                State::Over => return Ok(Decoded::End),
            };
        }
    }

    fn take_size(&mut self, read: &mut BytesMut) -> Result<Option<u64>, Malformed> {
        let malformed = || Malformed("chunk size");
        let window = read.get(..read.len().min(MAX_SIZE_LINE)).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\n', window) else {
            return if read.len() < MAX_SIZE_LINE { Ok(None) } else { Err(malformed()) };
        };
        let line =
            read.get(..end).and_then(|line| line.strip_suffix(b"\r")).ok_or_else(malformed)?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let is_size = (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
        let is_clean = line.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        if !is_size || !is_clean {
            return Err(malformed());
        }
        let size =
            std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text, 16).ok());
        self.extensions += line.len() - digits.len();
        if self.extensions > MAX_EXTENSIONS {
            return Err(Malformed("chunk extensions"));
        }
        read.advance(end + 1);
        size.map(Some).ok_or_else(malformed)
    }
}

fn take_trailers(
    read: &mut BytesMut,
    keep: fn(&HeaderName) -> bool,
) -> Result<Option<HeaderMap>, Malformed> {
    let malformed = || Malformed("trailers");
    if !read.starts_with(b"\r\n") && memmem::find(read, b"\r\n\r\n").is_none() {
        return if read.len() < MAX_TRAILERS { Ok(None) } else { Err(malformed()) };
    }
    let mut fields = [httparse::EMPTY_HEADER; MAX_TRAILER_FIELDS];
    let (length, fields) = match httparse::parse_headers(read, &mut fields) {
        Ok(httparse::Status::Complete(done)) => done,
        Ok(httparse::Status::Partial) if read.len() < MAX_TRAILERS => return Ok(None),
        Ok(httparse::Status::Partial) | Err(_) => return Err(malformed()),
    };
    if has_bare_line_feed(read.get(..length).unwrap_or_default()) {
        return Err(malformed());
    }
    let mut trailers = HeaderMap::new();
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| malformed())?;
        let value = HeaderValue::from_bytes(field.value).map_err(|_| malformed())?;
        if keep(&name) {
            trailers.append(name, value);
        }
    }
    read.advance(length);
    Ok(Some(trailers))
}

/// Whether a line ends without a carriage return, which others might read over.
pub(crate) fn has_bare_line_feed(lines: &[u8]) -> bool {
    let mut ends = memchr::memchr_iter(b'\n', lines);
    ends.any(|at| at.checked_sub(1).and_then(|before| lines.get(before)) != Some(&b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trailers;

    fn decode_all(wire: &[u8], step: usize) -> Result<(Vec<u8>, HeaderMap), Malformed> {
        let (mut chunked, mut read, mut body) = (Chunked::default(), BytesMut::new(), Vec::new());
        let mut rest = wire;
        loop {
            match chunked.decode(&mut read, trailers::is_response_trailer)? {
                Decoded::Data(data) => body.extend_from_slice(&data),
                Decoded::Trailers(trailers) => return Ok((body, trailers)),
                Decoded::End => return Ok((body, HeaderMap::new())),
                Decoded::More if rest.is_empty() => return Err(Malformed("end")),
                Decoded::More => {
                    let (now, later) = rest.split_at(step.min(rest.len()));
                    read.extend_from_slice(now);
                    rest = later;
                }
            }
        }
    }

    #[test]
    fn the_same_body_comes_out_however_it_is_cut() {
        let wire = b"4\r\nWiki\r\n6;name=\"v\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nx-sum: 1\r\nsymbolon-session: end\r\ncontent-length: 3\r\n\r\n";
        for step in 1..wire.len() {
            let (body, trailers) = decode_all(wire, step).unwrap();
            assert_eq!(body, b"Wikipedia in \r\n\r\nchunks.");
            assert_eq!(trailers.len(), 1);
            assert_eq!(trailers.get("x-sum").unwrap(), "1");
        }
    }

    #[test]
    fn loose_forms_are_refused() {
        let bad: [&[u8]; 11] = [
            b"0\r\n\n",
            b"0\r\nx-sum: 1\n\n\r\n\r\n",
            b"4\nWiki\n0\n\n",
            b"+4\r\nWiki\r\n0\r\n\r\n",
            b" 4\r\nWiki\r\n0\r\n\r\n",
            b"0x4\r\nWiki\r\n0\r\n\r\n",
            b"4 \r\nWiki\r\n0\r\n\r\n",
            b"\r\n",
            b"4\r\nWikiXX0\r\n\r\n",
            b"11111111111111111\r\n",
            b"4;a\x01\r\nWiki\r\n0\r\n\r\n",
        ];
        for wire in bad {
            assert!(decode_all(wire, wire.len()).is_err(), "{wire:?}");
        }
        let many = b"1;ext=ension\r\nx\r\n".repeat(MAX_EXTENSIONS / 11 + 1);
        assert_eq!(decode_all(&many, many.len()).unwrap_err(), Malformed("chunk extensions"));
        let long = [b"4;".as_slice(), &[b'a'; MAX_SIZE_LINE]].concat();
        assert!(decode_all(&long, long.len()).is_err());
    }
}
