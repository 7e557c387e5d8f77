//! The name of a certificate's owner as text (RFC 4514), in one spelling of the many: the one that
//! `openssl x509 -subject -nameopt RFC2253` prints.
//!
//! 1. The last part of the name comes first; parts are separated by `,`, and what stands side by
//!    side in one part by `+`, without white space.
//! 2. A type that has a short name is written by it ([`NAMES`]), any other by its number, and its
//!    value then as `#` and the hexadecimal digits of its DER (RFC 4514 section 2.4).
//! 3. `,`, `+`, `"`, `\`, `<`, `>` and `;` have a `\` before them, and so have `#` or a space at the
//!    beginning and a space at the end; what is no visible ASCII is `\` and two digits for each
//!    byte of UTF-8.

/// Short names and numbers of types, as OpenSSL has them.
const NAMES: &[(&str, &str)] = &[
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("serialNumber", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("street", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("title", "2.5.4.12"),
    ("description", "2.5.4.13"),
    ("businessCategory", "2.5.4.15"),
    ("postalCode", "2.5.4.17"),
    ("name", "2.5.4.41"),
    ("GN", "2.5.4.42"),
    ("initials", "2.5.4.43"),
    ("generationQualifier", "2.5.4.44"),
    ("dnQualifier", "2.5.4.46"),
    ("pseudonym", "2.5.4.65"),
    ("organizationIdentifier", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
];

/// The longest subject that is read, in bytes.
const MAX_BYTES: usize = 2048;

/// The value of one attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// What is no text, in DER.
    Der(&'a [u8]),
}

/// Writes a name part by part, the last part of the certificate first.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
}

impl Writer {
    /// Adds an attribute; `begins` where it is the first of its part.
    pub fn add(&mut self, begins: bool, number: &str, value: Value<'_>) {
        if !self.text.is_empty() {
            self.text.push(if begins { ',' } else { '+' });
        }
        let name = NAMES.iter().find(|(_, known)| *known == number).map(|(name, _)| *name);
        self.text.push_str(name.unwrap_or(number));
        self.text.push('=');
        match value {
            Value::Text(text) => push_escaped(&mut self.text, text.as_bytes()),
            Value::Der(der) => {
                self.text.push('#');
                for byte in der {
                    push_hex(&mut self.text, *byte);
                }
            }
        }
    }

    /// The whole name.
    pub fn finish(self) -> String {
        self.text
    }
}

/// Whether a type has a short name; the values of others are written in DER.
pub fn is_known(number: &str) -> bool {
    NAMES.iter().any(|(_, known)| *known == number)
}

/// A subject in any spelling, in this one; `None` where it is none.
pub fn canonical(text: &str) -> Option<String> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut writer = Writer::default();
    let mut rest = text.as_bytes();
    let mut begins = true;
    loop {
        let at = rest.iter().position(|byte| *byte == b'=')?;
        let (kind, behind) = rest.split_at(at);
        let number = number_of(std::str::from_utf8(kind).ok()?.trim())?;
        let (value, end) = value(behind.get(1..)?)?;
        match &value {
            Parsed::Der(der) => writer.add(begins, number, Value::Der(der)),
            Parsed::Text(text) => {
                writer.add(begins, number, Value::Text(std::str::from_utf8(text).ok()?));
            }
        }
        let (separator, behind) = match end {
            [] => return Some(writer.finish()),
            [separator, behind @ ..] => (*separator, behind),
        };
        begins = separator == b',';
        rest = behind;
    }
}

enum Parsed {
    Text(Vec<u8>),
    Der(Vec<u8>),
}

/// A value without its escapes, and what stands behind it, which begins with a separator.
fn value(text: &[u8]) -> Option<(Parsed, &[u8])> {
    let start = text.iter().position(|byte| *byte != b' ').unwrap_or(text.len());
    let text = text.get(start..)?;
    if let Some(digits) = text.strip_prefix(b"#") {
        let end = digits.iter().position(|byte| matches!(byte, b',' | b'+'));
        let (digits, end) = digits.split_at(end.unwrap_or(digits.len()));
        return Some((Parsed::Der(from_hex(digits.trim_ascii())?), end));
    }
    let mut value = Vec::new();
    // Spaces at the end count only where they are escaped.
    let mut length = 0;
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        match byte {
            b',' | b'+' => break,
            b'\\' => {
                let (unescaped, behind) = unescape(behind)?;
                value.push(unescaped);
                length = value.len();
                rest = behind;
                continue;
            }
            // Only whole, and never within (RFC 4514 section 3).
            b'"' | b';' | b'<' | b'>' | 0 => return None,
            b' ' => value.push(b' '),
            other => {
                value.push(*other);
                length = value.len();
            }
        }
        rest = behind;
    }
    value.truncate(length);
    Some((Parsed::Text(value), rest))
}

/// Two digits, or a character that stands for itself.
fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    if let Some((digits, behind)) = text.split_at_checked(2)
        && let Some(bytes) = from_hex(digits)
    {
        return Some((*bytes.first()?, behind));
    }
    let (byte, behind) = text.split_first()?;
    b" \"#+,;<=>\\".contains(byte).then_some((*byte, behind))
}

/// The number of a type by its short name, in any case, or by its number.
fn number_of(kind: &str) -> Option<&str> {
    let others = [("S", "ST"), ("STREET", "street"), ("E", "emailAddress"), ("USERID", "UID")];
    let other = others.iter().find(|(other, _)| other.eq_ignore_ascii_case(kind));
    let kind = other.map_or(kind, |(_, name)| *name);
    let known = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
    let is_number = !kind.is_empty()
        && kind
            .split('.')
            .all(|arc| !arc.is_empty() && arc.bytes().all(|digit| digit.is_ascii_digit()));
    known.map(|(_, number)| *number).or_else(|| is_number.then_some(kind))
}

fn push_escaped(out: &mut String, value: &[u8]) {
    for (index, byte) in value.iter().enumerate() {
        let is_first = index == 0 && matches!(byte, b' ' | b'#');
        let is_last = index + 1 == value.len() && *byte == b' ';
        match byte {
            b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=b'~' => {
                if is_first || is_last {
                    out.push('\\');
                }
                out.push(char::from(*byte));
            }
            other => {
                out.push('\\');
                push_hex(out, *other);
            }
        }
    }
}

fn push_hex(out: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 0xf] {
        out.push(char::from(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }));
    }
}

fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let is_whole = !digits.is_empty() && digits.len().is_multiple_of(2);
    if !is_whole || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks_exact(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_spelling() {
        for (written, canonical_form) in [
            ("CN=a,O=b", "CN=a,O=b"),
            (" cn = a , o=b ", "CN=a,O=b"),
            ("2.5.4.3=a,2.5.4.10=b", "CN=a,O=b"),
            (r"CN=a\, b\+c,O=d", r"CN=a\, b\+c,O=d"),
            (r"CN=a\2C b,O=d", r"CN=a\, b,O=d"),
            (r"CN=\ a\ ,O=\#1", r"CN=\ a\ ,O=\#1"),
            ("CN=Jörg", r"CN=J\C3\B6rg"),
            (r"CN=J\c3\b6rg", r"CN=J\C3\B6rg"),
            ("CN=a=b", "CN=a=b"),
            (r"CN=a\=b", "CN=a=b"),
            ("OU=x+CN=y,O=z", "OU=x+CN=y,O=z"),
            ("1.2.3.4=#04020001", "1.2.3.4=#04020001"),
            ("E=a@b.c", "emailAddress=a@b.c"),
            ("CN=,O=b", "CN=,O=b"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(canonical_form), "{written}");
            assert_eq!(canonical(canonical_form).as_deref(), Some(canonical_form));
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in
            ["", "CN", "a,b", "X=y", "CN=a,", "CN=a\\", r"CN=\zz", "1..2=a", "CN=#1", "CN=<"]
        {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
