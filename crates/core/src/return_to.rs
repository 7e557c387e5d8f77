//! Where to go after log-in: a path on this very site and nothing else.
//!
//! Browsers fold many spellings into "another host" (`//evil`, `/\evil`, tabs and newlines are
//! dropped, WHATWG URL 4.4), so this accepts only what cannot be folded: one `/`, then printable
//! ASCII without a backslash, and no empty or dotted first segment.

use std::fmt;

/// The longest accepted target, in bytes.
pub const MAX_BYTES: usize = 2048;

/// A relative reference that stays on this site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Accepts a target, or gives the site's root for anything doubtful.
    pub fn parse_or_root(text: &str) -> Self {
        Self::parse(text).unwrap_or_default()
    }

    /// Accepts a target; `None` for anything doubtful.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let is_local = text.len() <= MAX_BYTES
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
            && path.starts_with('/')
            && !path.contains("//")
            && !path.split('/').any(is_dotted)
            && !path.to_ascii_lowercase().contains("%5c")
            && !path.to_ascii_lowercase().contains("%2f");
        is_local.then(|| Self(text.to_owned()))
    }

    /// The target as it goes into `Location`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_dotted(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_site_are_kept() {
        for good in ["/", "/orders", "/orders?page=2&q=a//b", "/a/b#top", "/%C3%A4"] {
            assert_eq!(ReturnTo::parse_or_root(good).as_str(), good);
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_becomes_the_root() {
        let bad = [
            "",
            "orders",
            "https://evil.example/",
            "//evil.example",
            "///evil",
            "/\\evil.example",
            "\\/evil",
            "/\tevil",
            "/\n/evil",
            " /orders",
            "/.//evil",
            "/../evil",
            "/%2e%2e/evil",
            "/%2f%2fevil",
            "/%5cevil",
            "javascript:alert(1)",
            "/ä",
            "/a b",
            "http:/evil",
            "/.",
            "/a/..//evil",
        ];
        for text in bad {
            assert_eq!(ReturnTo::parse_or_root(text).as_str(), "/", "{text:?}");
        }
        assert_eq!(ReturnTo::parse(&format!("/{}", "a".repeat(MAX_BYTES))), None);
    }
}
