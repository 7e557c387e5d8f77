//! Reads one message off a connection: its head, and the body as its framing says (RFC 9112
//! section 6.3).

use std::fmt;
use std::io::{BufRead, Error, ErrorKind, Read, Result};

use super::Fields;

/// The most of a body that is kept in memory, in bytes.
const KEPT_BODY: usize = 1024 * 1024;

/// How much of a body stands in the report of a failed test, in bytes.
const SHOWN_BODY: usize = 400;

/// A request or a response.
#[derive(Clone, Default)]
pub(crate) struct Message {
    /// Request line or status line.
    pub(crate) start: String,
    /// Header fields.
    pub(crate) headers: Fields,
    /// The body without its framing; only the beginning of a very long one.
    pub(crate) body: Vec<u8>,
    /// How long the body was, in bytes.
    pub(crate) body_length: u64,
    /// Trailer fields.
    pub(crate) trailers: Fields,
}

/// How the end of a body is found where no field says so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unframed {
    /// There is no body.
    Empty,
    /// It goes on until the connection is closed.
    UntilClose,
}

/// As it looked on the wire, the beginning of its body with it.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.start)?;
        for (name, value) in self.headers.iter() {
            writeln!(f, "{name}: {value}")?;
        }
        let shown = &self.body[..self.body.len().min(SHOWN_BODY)];
        write!(f, "\n{}", String::from_utf8_lossy(shown))
    }
}

impl Message {
    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn keep(&mut self, piece: &[u8]) {
        self.body_length += piece.len() as u64;
        let room = KEPT_BODY - self.body.len().min(KEPT_BODY);
        self.body.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

/// Reads the head of a message.
pub(crate) fn read_head(from: &mut impl BufRead) -> Result<Option<Message>> {
    let Some(start) = read_line(from)? else { return Ok(None) };
    let mut message = Message { start, ..Message::default() };
    message.headers = read_fields(from)?;
    Ok(Some(message))
}

/// Reads the body that belongs to the head.
pub(crate) fn read_body(
    from: &mut impl BufRead,
    message: &mut Message,
    unframed: Unframed,
) -> Result<()> {
    let length = message.headers.get("content-length").map(|text| text.parse::<u64>().unwrap());
    match (message.headers.get("transfer-encoding"), length) {
        (Some("chunked"), None) => read_chunks(from, message),
        (None, Some(length)) => read_piece(from, message, length),
        (None, None) if unframed == Unframed::Empty => Ok(()),
        (None, None) => loop {
            let piece = from.fill_buf()?;
            let length = piece.len();
            if length == 0 {
                return Ok(());
            }
            message.keep(piece);
            from.consume(length);
        },
        other => panic!("two framings or an unknown one: {other:?}"),
    }
}

fn read_chunks(from: &mut impl BufRead, message: &mut Message) -> Result<()> {
    loop {
        let line = read_line(from)?.ok_or(ErrorKind::UnexpectedEof)?;
        let size = u64::from_str_radix(&line, 16)
            .map_err(|_| Error::new(ErrorKind::InvalidData, format!("chunk size `{line}`")))?;
        if size == 0 {
            message.trailers = read_fields(from)?;
            return Ok(());
        }
        read_piece(from, message, size)?;
        let end = read_line(from)?.ok_or(ErrorKind::UnexpectedEof)?;
        assert_eq!(end, "", "a chunk is longer than it says");
    }
}

fn read_piece(from: &mut impl BufRead, message: &mut Message, length: u64) -> Result<()> {
    let mut left = length;
    while left > 0 {
        let piece = from.fill_buf()?;
        let taken = piece.len().min(usize::try_from(left).unwrap());
        if taken == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        message.keep(&piece[..taken]);
        from.consume(taken);
        left -= taken as u64;
    }
    Ok(())
}

fn read_fields(from: &mut impl BufRead) -> Result<Fields> {
    let mut fields = Fields::default();
    loop {
        let line = read_line(from)?.ok_or(ErrorKind::UnexpectedEof)?;
        if line.is_empty() {
            return Ok(fields);
        }
        fields.push_line(&line);
    }
}

/// One line without its CRLF; `None` at the end of the connection.
fn read_line(from: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = Vec::new();
    from.by_ref().take(1024 * 1024).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    let Some(line) = line.strip_suffix(b"\r\n") else {
        return Err(ErrorKind::UnexpectedEof.into());
    };
    Ok(Some(String::from_utf8_lossy(line).into_owned()))
}
