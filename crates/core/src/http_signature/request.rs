//! A request as its signer saw it: a view of slices that the caller owns.

use super::failure::Failure;

/// What a signature can be about. Everything is as it was sent; nothing is decoded.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query, as they stand in the request line.
    pub target: &'a str,
    /// What stands in the request line, where that is a whole URI (RFC 9112 section 3.2.2).
    pub absolute: Option<&'a str>,
    /// Host and port, as they were sent.
    pub authority: &'a str,
    /// `http` or `https`: how the caller reached the outermost gateway.
    pub scheme: &'a str,
    /// As in a request line: `HTTP/1.1`.
    pub version: &'a str,
    /// Names in lower case and values, in the order in which they came.
    pub fields: &'a [(&'a [u8], &'a [u8])],
}

impl<'a> Request<'a> {
    /// The path; never empty (RFC 9421 section 2.2.6).
    pub(super) fn path(&self) -> &'a str {
        let path = self.target.split_once('?').map_or(self.target, |(path, _)| path);
        if path.is_empty() { "/" } else { path }
    }

    /// The query without its question mark.
    pub(super) fn query(&self) -> Option<&'a str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// All values of a name, without the white space around them.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let wanted = name.as_bytes();
        let fields = self.fields.iter().filter(move |(name, _)| *name == wanted);
        fields.map(|(_, value)| value.trim_ascii())
    }

    /// The one value of a name.
    pub(super) fn only(&self, name: &str) -> Result<Option<&'a str>, Failure> {
        let mut values = self.values(name);
        let (value, another) = (values.next(), values.next());
        if another.is_some() {
            return Err(Failure::Ambiguous(name.to_owned()));
        }
        value.map(|value| text(name, value)).transpose()
    }

    /// The values of a name as one (RFC 9421 section 2.1); `None` where there is none.
    pub(super) fn joined(&self, name: &str) -> Result<Option<String>, Failure> {
        let mut joined: Option<String> = None;
        for value in self.values(name) {
            let value = text(name, value)?;
            match &mut joined {
                None => joined = Some(value.to_owned()),
                Some(joined) => {
                    joined.push_str(", ");
                    joined.push_str(value);
                }
            }
        }
        Ok(joined)
    }
}

/// A value of which everybody makes the same bytes: ASCII, and no line in it that ends.
fn text<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Failure> {
    let is_text = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    let value = if is_text { std::str::from_utf8(value).ok() } else { None };
    value.ok_or_else(|| Failure::NotText(name.to_owned()))
}
