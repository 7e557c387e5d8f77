//! The canonical path (RFC 3986 section 6.2.2), or a refusal.
//!
//! 1. Percent-encoded unreserved characters are decoded, all other escapes get upper-case digits.
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
    let canonical =
        if raw.contains('%') { Cow::Owned(normalise(raw)?) } else { Cow::Borrowed(raw) };
    check_characters(&canonical)?;
    check_segments(&canonical)?;
    Ok(canonical)
}

/// Whether a query holds only what a query may hold (RFC 3986 section 3.4), plus the brackets,
/// pipes, carets, braces, quotes and backticks that clients send in practice.
pub fn query_is_clean(query: &str) -> bool {
    query.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'<' | b'>' | b'\\'))
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

fn check_characters(path: &str) -> Result<(), PathError> {
    let is_fine = |byte: u8| ALLOWED.get(usize::from(byte)).copied().unwrap_or(false);
    if path.bytes().all(is_fine) { Ok(()) } else { Err(PathError::Character) }
}

/// Looks at each segment as it ends, at a `/` or at the end of the path.
fn check_segments(path: &str) -> Result<(), PathError> {
    let inner = path.as_bytes().get(1..).unwrap_or_default();
    let mut start = 0;
    for end in memchr::memchr_iter(b'/', inner).chain([inner.len()]) {
        match inner.get(start..end).unwrap_or_default() {
            b"." | b".." => return Err(PathError::DotSegment),
            b"" if end < inner.len() => return Err(PathError::EmptySegment),
            _ => start = end + 1,
        }
    }
    Ok(())
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
        let value = high << 4 | low;
        decoded.push(value);
        match value {
            b'/' | b'\\' | b';' | b'%' => return Err(PathError::Encoding),
            0..0x20 | 0x7f => return Err(PathError::Character),
            _ if value.is_ascii_alphanumeric() || b"-._~".contains(&value) => {
                out.push(char::from(value));
            }
            _ => {
                out.push('%');
                out.push(upper_hex(high));
                out.push(upper_hex(low));
            }
        }
    }
    // Overlong and broken UTF-8 is where decoders differ most.
    if std::str::from_utf8(&decoded).is_err() { Err(PathError::Encoding) } else { Ok(out) }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn upper_hex(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()
}
