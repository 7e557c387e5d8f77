//! Host patterns: `shop.example.com`, or `*.example.com` for any one or more labels below.
//!
//! A host is compared in lower case and without its port.

use std::sync::Arc;

/// A host, or everything below one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Exactly this host.
    Exact(Arc<str>),
    /// Any host that ends with this; starts with a dot.
    Below(Arc<str>),
}

/// Why a text is not a host pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// A `*` somewhere else than as the whole first label.
    #[error("`*` may only stand as the whole first label, as in `*.example.com`")]
    Wildcard,
    /// A port was given; routes match on the host alone.
    #[error("must not have a port")]
    Port,
    /// Not a host name or address.
    #[error("not a host name or IP address")]
    Name,
}

impl HostPattern {
    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let text = text.to_ascii_lowercase();
        if let Some(suffix) = text.strip_prefix('*') {
            let below = suffix.strip_prefix('.').ok_or(HostError::Wildcard)?;
            check_name(below)?;
            return Ok(Self::Below(suffix.into()));
        }
        if !text.starts_with('[') {
            check_name(&text)?;
        } else if !is_ipv6_literal(&text) {
            return Err(HostError::Name);
        }
        Ok(Self::Exact(text.into()))
    }

    /// Whether some host could match both.
    pub fn overlaps(&self, other: &Self) -> bool {
        // Patterns of different kind or length differ in rank, so that only equals compete.
        self == other
    }
}

fn check_name(name: &str) -> Result<(), HostError> {
    if name.contains('*') {
        return Err(HostError::Wildcard);
    }
    if name.contains(':') {
        return Err(HostError::Port);
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() <= 253 && name.split('.').all(is_label) { Ok(()) } else { Err(HostError::Name) }
}

fn is_ipv6_literal(text: &str) -> bool {
    text.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_in_lower_case() {
        assert_eq!(
            HostPattern::parse("Shop.Example.com"),
            Ok(HostPattern::Exact("shop.example.com".into()))
        );
        assert_eq!(
            HostPattern::parse("*.example.com"),
            Ok(HostPattern::Below(".example.com".into()))
        );
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let rows = [
            ("*example.com", HostError::Wildcard),
            ("a.*.com", HostError::Wildcard),
            ("*", HostError::Wildcard),
            ("shop.example.com:80", HostError::Port),
            ("", HostError::Name),
            ("a..b", HostError::Name),
            ("a/b", HostError::Name),
            ("[::g]", HostError::Name),
        ];
        for (text, error) in rows {
            assert_eq!(HostPattern::parse(text), Err(error), "{text}");
        }
    }
}
