//! The canonical path (RFC 3986 section 6.2.2), or a refusal.
//!
//! 1. What may stand in a segment as it is (`pchar`, section 3.3) is decoded where it is escaped, all
//!    other escapes get upper-case digits. Section 6.2.2.2 decodes unreserved characters alone; but
//!    services decode the others, too, and to them both spellings are one path. So they are here.
//! 2. Refused: dot segments, empty segments, `\`, `;`, encoded `/ \ ;` and `%`, control
//!    characters, anything outside ASCII, escapes that are not UTF-8 (overlong forms included).

use std::borrow::Cow;

/// Why a path has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Does not begin with `/`.
    #[error("does not start with `/`")]
    Start,
    /// `.` or `..` as a segment, encoded or not.
    #[error("dot segment")]
    DotSegment,
    /// `//`.
    #[error("empty segment")]
    EmptySegment,
    /// A character that must not stand in a path, or whose meaning servers disagree about.
    #[error("forbidden character")]
    Character,
    /// An escape that is broken, or that hides a separator, or a `%` twice encoded.
    #[error("ambiguous percent-encoding")]
    Encoding,
}

/// The canonical form of a path.
pub fn path(raw: &str) -> Result<Cow<'_, str>, PathError> {
    if !raw.starts_with('/') {
        return Err(PathError::Start);
    }
    let has_escapes = memchr::memchr(b'%', raw.as_bytes()).is_some();
    let canonical = if has_escapes { Cow::Owned(normalise(raw)?) } else { Cow::Borrowed(raw) };
    check(&canonical)?;
    Ok(canonical)
}

/// Whether a query holds only what a query may hold (RFC 3986 section 3.4), plus the brackets,
/// pipes, carets, braces, quotes and backticks that clients send in practice.
pub fn query_is_clean(query: &str) -> bool {
    query.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'<' | b'>' | b'\\'))
}

/// How an escape, `%` and two hexadecimal digits, stands in a canonical path: `None` where this is
/// none.
pub(crate) fn escape(text: &str) -> Option<Result<String, PathError>> {
    let [b'%', high, low] = *text.as_bytes() else { return None };
    let (high, low) = (hex(high)?, hex(low)?);
    let mut out = String::with_capacity(text.len());
    Some(push_escape(&mut out, high, low).map(|()| out))
}

/// Which bytes may stand in a canonical path.
const ALLOWED: [bool; 256] = {
    let mut allowed = [false; 256];
    let fine = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~!$&'()*+,=:@%";
    let mut rest: &[u8] = fine;
    while let [byte, others @ ..] = rest {
        allow(&mut allowed, *byte);
        rest = others;
    }
    allowed
};

#[expect(clippy::indexing_slicing, reason = "INVARIANT: a byte is always below 256")]
const fn allow(allowed: &mut [bool; 256], byte: u8) {
    allowed[byte as usize] = true;
}

fn is_allowed(byte: u8) -> bool {
    ALLOWED.get(usize::from(byte)).is_some_and(|is_allowed| *is_allowed)
}

/// One pass over characters and segments, which end at a `/` or at the end of the path.
fn check(path: &str) -> Result<(), PathError> {
    // How much of the segment there is, and whether that is dots only.
    let (mut length, mut dots) = (0_usize, 0_usize);
    for byte in path.bytes().skip(1) {
        if !is_allowed(byte) {
            return Err(PathError::Character);
        }
        if byte == b'/' {
            check_segment(length, dots)?;
            if length == 0 {
                return Err(PathError::EmptySegment);
            }
            (length, dots) = (0, 0);
        } else {
            length += 1;
            dots += usize::from(byte == b'.');
        }
    }
    check_segment(length, dots)
}

fn check_segment(length: usize, dots: usize) -> Result<(), PathError> {
    if length == dots && (length == 1 || length == 2) { Err(PathError::DotSegment) } else { Ok(()) }
}

fn normalise(raw: &str) -> Result<String, PathError> {
    let mut out = String::with_capacity(raw.len());
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            out.push(char::from(byte));
            decoded.push(byte);
            continue;
        }
        let (high, low) = (rest.next().and_then(hex), rest.next().and_then(hex));
        let (Some(high), Some(low)) = (high, low) else {
            return Err(PathError::Encoding);
        };
        push_escape(&mut out, high, low)?;
        decoded.push(high << 4 | low);
    }
    // Overlong and broken UTF-8 is where decoders differ most.
    if std::str::from_utf8(&decoded).is_err() { Err(PathError::Encoding) } else { Ok(out) }
}

/// The character that these digits stand for, escaped only where it has to be.
fn push_escape(out: &mut String, high: u8, low: u8) -> Result<(), PathError> {
    match high << 4 | low {
        b'/' | b'\\' | b';' | b'%' => return Err(PathError::Encoding),
        0..0x20 | 0x7f => return Err(PathError::Character),
        value if is_allowed(value) => out.push(char::from(value)),
        _ => out.extend(['%', upper_hex(high), upper_hex(low)]),
    }
    Ok(())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn upper_hex(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()
}
