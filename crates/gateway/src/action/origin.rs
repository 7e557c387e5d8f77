//! Web origins (RFC 6454 section 6.2) that a route talks to: `https://app.example.com`, or
//! `https://*.example.com` for one or more labels below.

use std::sync::Arc;

use crate::pattern::HostPattern;

/// An origin, or every one below a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginPattern {
    /// Exactly this one.
    Exact(Arc<str>),
    /// This scheme, any one or more labels, and this end with its port.
    Below {
        /// `https://`.
        scheme: &'static str,
        /// `.example.com` or `.example.com:8443`.
        end: Arc<str>,
    },
}

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is `https://HOST`, `https://HOST:PORT` or `https://*.DOMAIN`, or the same with \
     `http`, without a path and without the default port"
)]
pub struct OriginError;

impl OriginPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// Where it is none that a browser would send, `null` included: that is the origin of every
    /// sandboxed page.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://").ok_or(OriginError)?;
        let (scheme, default_port) = match scheme {
            "https" => ("https://", 443),
            "http" => ("http://", 80),
            _ => return Err(OriginError),
        };
        let host_end = authority.rfind(']').map_or(0, |at| at + 1);
        let colon = authority.get(host_end..).and_then(|rest| rest.find(':'));
        let (host, port) = match colon {
            Some(at) => authority.split_at_checked(host_end + at).ok_or(OriginError)?,
            None => (authority, ""),
        };
        if let Some(port) = port.strip_prefix(':') {
            let number: u16 = port.parse().map_err(|_| OriginError)?;
            if number == default_port || number.to_string() != port {
                return Err(OriginError);
            }
        }
        match HostPattern::parse(host).map_err(|_| OriginError)? {
            HostPattern::Exact(_) => Ok(Self::Exact(text.into())),
            HostPattern::Below(suffix) => {
                Ok(Self::Below { scheme, end: format!("{suffix}{port}").into() })
            }
        }
    }

    /// Whether an `Origin` header names it. Browsers write scheme and host in lower case.
    pub(crate) fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(exact) => **exact == *origin,
            Self::Below { scheme, end } => {
                let host = origin.strip_prefix(scheme).and_then(|host| host.strip_suffix(&**end));
                let is_label = |label: &str| {
                    !label.is_empty()
                        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
                };
                host.is_some_and(|host| host.split('.').all(is_label))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_matched_as_a_whole() {
        let exact = OriginPattern::parse("https://App.example.com").unwrap();
        assert!(exact.matches("https://app.example.com"));
        for other in [
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.test",
            "https://evilapp.example.com",
            "https://app.example.com/",
            "null",
            "",
        ] {
            assert!(!exact.matches(other), "{other}");
        }
    }

    #[test]
    fn a_star_is_for_labels_below_and_for_nothing_else() {
        let below = OriginPattern::parse("https://*.example.com:8443").unwrap();
        assert!(below.matches("https://a.example.com:8443"));
        assert!(below.matches("https://a.b.example.com:8443"));
        for other in [
            "https://example.com:8443",
            "https://.example.com:8443",
            "https://a.example.com",
            "http://a.example.com:8443",
            "https://evilexample.com:8443",
            "https://evil.test/.example.com:8443",
            "https://evil.test#.example.com:8443",
            "https://user@a.example.com:8443",
            "https://a..example.com:8443",
        ] {
            assert!(!below.matches(other), "{other}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for bad in [
            "null",
            "*",
            "app.example.com",
            "ftp://a",
            "https://a/",
            "https://a:443",
            "http://a:80",
            "https://a:080",
            "https://*",
            "https://a.*.com",
            "https://u@a",
            "https://",
        ] {
            assert!(OriginPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
