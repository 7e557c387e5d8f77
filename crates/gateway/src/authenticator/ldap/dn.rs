//! Distinguished names (RFC 4514), so far as telling needs it which of two is below the other.

/// A name: from the entry itself up to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dn(Vec<Vec<Pair>>);

/// Type in lower case, and value as it is meant.
type Pair = (String, String);

impl Dn {
    /// Reads one; `None` where it is none. Values that are written as `#` and hexadecimal digits
    /// are not taken: they are of no text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = vec![Vec::new()];
        for piece in pieces(text) {
            let (piece, end) = piece?;
            let pair = pair(piece)?;
            parts.last_mut()?.push(pair);
            if end == b',' {
                parts.push(Vec::new());
            }
        }
        Some(Self(parts))
    }

    /// How many parts it has.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of a type in the entry's own part.
    pub(super) fn first(&self, kind: &str) -> Option<&str> {
        let pairs = self.0.first()?;
        let pair = pairs.iter().find(|(own, _)| own.eq_ignore_ascii_case(kind))?;
        Some(&pair.1)
    }

    /// Whether it stands below another.
    pub(super) fn is_below(&self, other: &Self) -> bool {
        let Some(depth) = self.0.len().checked_sub(other.0.len()) else { return false };
        let end = self.0.get(depth..).unwrap_or_default();
        depth > 0 && end.iter().zip(&other.0).all(|(one, other)| are_same(one, other))
    }
}

/// Case and runs of spaces tell nothing apart (RFC 4518 section 2.6.1).
fn are_same(one: &[Pair], other: &[Pair]) -> bool {
    let plain = |pairs: &[Pair]| {
        let mut pairs: Vec<Pair> = pairs
            .iter()
            .map(|(kind, value)| {
                let words: Vec<&str> = value.split_whitespace().collect();
                (kind.clone(), words.join(" ").to_lowercase())
            })
            .collect();
        pairs.sort();
        pairs
    };
    plain(one) == plain(other)
}

/// The pieces between unescaped `,` and `+`, each with what ends it.
fn pieces(text: &str) -> impl Iterator<Item = Option<(&str, u8)>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut escaped = false;
        let mut quoted = false;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                // The quotes of RFC 2253 are not taken.
                b'"' | b';' | b'<' | b'>' | 0 => quoted = true,
                b',' | b'+' => {
                    rest = text.get(at + 1..);
                    return Some(text.get(..at).filter(|_| !quoted).map(|piece| (piece, byte)));
                }
                _ => {}
            }
        }
        rest = None;
        Some(if escaped || quoted { None } else { Some((text, 0)) })
    })
}

fn pair(piece: &str) -> Option<Pair> {
    let (kind, value) = piece.split_once('=')?;
    let kind = kind.trim();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    if kind.is_empty() || !kind.bytes().all(is_plain) {
        return None;
    }
    Some((kind.to_ascii_lowercase(), value_of(value)?))
}

fn value_of(text: &str) -> Option<String> {
    let text = text.trim_start_matches(' ');
    if text.starts_with('#') {
        return None;
    }
    let mut value = Vec::new();
    // Spaces at the end that are not escaped are not part of it.
    let mut solid = 0;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                let next = bytes.next()?;
                match hex(next) {
                    Some(high) => value.push(high << 4 | hex(bytes.next()?)?),
                    None => value.push(next),
                }
                solid = value.len();
            }
            b' ' => value.push(byte),
            _ => {
                value.push(byte);
                solid = value.len();
            }
        }
    }
    value.truncate(solid);
    if value.is_empty() { None } else { String::from_utf8(value).ok() }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn names_are_compared_as_they_are_meant() {
        let base = dn("ou=Groups, dc=Example,dc=com");
        assert!(dn("CN=Admins,OU=groups,DC=example,DC=COM").is_below(&base));
        assert!(dn("cn=a,ou=x,ou=groups,dc=example,dc=com").is_below(&base));
        for other in [
            "ou=groups,dc=example,dc=com",
            "cn=admins,ou=people,dc=example,dc=com",
            r"cn=admins\,ou=groups,dc=example,dc=com",
            "cn=admins,ou=groups,dc=example,dc=com,dc=evil",
            "dc=com",
        ] {
            assert!(!dn(other).is_below(&base), "{other}");
        }
    }

    #[test]
    fn values_are_read_out_of_their_escapes() {
        assert_eq!(dn(r"cn=a\,b\3dc\20\ ,dc=x").first("CN"), Some("a,b=c  "));
        assert_eq!(dn("cn=a+uid=b,dc=x").first("uid"), Some("b"));
        assert_eq!(dn(r"cn=Lu\C4\8Di\C4\87").first("cn"), Some("Lučić"));
        assert_eq!(dn("cn=  a b  ,dc=x").first("cn"), Some("a b"));
    }

    #[test]
    fn what_is_no_name_is_none() {
        for bad in
            ["", "a", "cn=", "cn=a,", ",cn=a", "=a", "c n=a", "cn=a\\", r#"cn="a""#, "cn=#04"]
        {
            assert_eq!(Dn::parse(bad), None, "{bad}");
        }
    }
}
