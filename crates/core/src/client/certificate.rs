//! By what a certificate of a client is recognised.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::subject;

/// By what a certificate is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CertificateMatch {
    /// A subject alternative name of the kind that its text has ([`NameKind`]).
    San(Arc<str>),
    /// The whole subject, as [`subject`] writes it.
    Subject(Arc<str>),
    /// The SHA-256 of the certificate.
    Fingerprint([u8; 32]),
}

/// The kinds of subject alternative names (RFC 5280 section 4.2.1.6) that clients are known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// `iPAddress`
    Address,
    /// `uniformResourceIdentifier`; SPIFFE IDs are URIs.
    Uri,
    /// `rfc822Name`
    Mail,
    /// `dNSName`
    Dns,
}

impl CertificateMatch {
    /// A whole subject, in any spelling of RFC 4514 that means the same.
    pub fn subject(text: &str) -> Option<Self> {
        subject::canonical(text).map(|text| Self::Subject(text.into()))
    }

    /// From how it is written ([`fmt::Display`]).
    pub fn stored(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("san", name) => Self::san(name),
            ("subject", name) => Some(Self::Subject(name.into())),
            ("fingerprint", digits) => Self::fingerprint(digits),
            _ => None,
        }
    }

    /// A subject alternative name; DNS names are compared in lower case.
    pub fn san(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self::San(address.to_string().into()));
        }
        let is_plain = !text.contains(['/', '@']);
        let text = if is_plain { text.to_ascii_lowercase() } else { text.to_owned() };
        (!text.is_empty()).then(|| Self::San(text.into()))
    }

    /// A name that a certificate has as one of this kind. `None` where its text is of another: an
    /// authority that lets people choose an e-mail address or a URI has vouched for no DNS name
    /// that reads the same (CVE-2021-44531).
    pub fn san_of(kind: NameKind, text: &str) -> Option<Self> {
        if NameKind::of(text) == kind { Self::san(text) } else { None }
    }

    /// The SHA-256 of a certificate in hexadecimal digits, with or without colons.
    pub fn fingerprint(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|digit| *digit != ':').collect();
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self::Fingerprint(hash))
    }
}

impl NameKind {
    /// What a text is, by its form.
    pub fn of(text: &str) -> Self {
        if text.parse::<IpAddr>().is_ok() {
            Self::Address
        } else if has_scheme(text) {
            Self::Uri
        } else if text.contains('@') {
            Self::Mail
        } else {
            Self::Dns
        }
    }
}

/// Whether it begins like a URI (RFC 3986 section 3.1).
fn has_scheme(text: &str) -> bool {
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(is_of_scheme)
    })
}

/// What it is, and behind a colon what it says.
impl fmt::Display for CertificateMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::San(name) => write!(f, "san:{name}"),
            Self::Subject(name) => write!(f, "subject:{name}"),
            Self::Fingerprint(hash) => {
                f.write_str("fingerprint:")?;
                hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_the_kind_that_its_text_has() {
        let rows = [
            ("robot.example", NameKind::Dns),
            ("*.robot.example", NameKind::Dns),
            ("robot@shop.example", NameKind::Mail),
            ("\"a:b\"@shop.example", NameKind::Mail),
            ("spiffe://shop.example/robot", NameKind::Uri),
            ("https://robot@shop.example/", NameKind::Uri),
            ("urn:robot", NameKind::Uri),
            ("192.0.2.1", NameKind::Address),
            ("fd00::1", NameKind::Address),
        ];
        let kinds = [NameKind::Dns, NameKind::Mail, NameKind::Uri, NameKind::Address];
        for (text, own) in rows {
            assert_eq!(NameKind::of(text), own, "{text}");
            for kind in kinds {
                let found = CertificateMatch::san_of(kind, text);
                assert_eq!(found.is_some(), kind == own, "{text}: {kind:?}");
            }
            let kept = CertificateMatch::san(text).unwrap();
            assert_eq!(CertificateMatch::stored(&kept.to_string()), Some(kept));
        }
        let (one, other) = (CertificateMatch::san("FD00:0::1"), CertificateMatch::san("fd00::1"));
        assert_eq!(one, other);
    }
}
