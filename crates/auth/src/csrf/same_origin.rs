//! What the browser itself says about where a request comes from.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::PublicUrl;

/// Whether nothing in the request says that it comes from another site.
///
/// `Origin` (RFC 6454 section 7) must be exactly ours, so `null` is refused; `Sec-Fetch-Site`
/// must be `same-origin`. Clients that are no browsers send neither.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let all_are = |name: &str, expected: &str| {
        headers
            .get_all(name)
            .iter()
            .map(HeaderValue::as_bytes)
            .all(|value| value == expected.as_bytes())
    };
    all_are(header::ORIGIN.as_str(), &public_url.origin) && all_are("sec-fetch-site", "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &'static str)]) -> bool {
        let public_url = PublicUrl {
            origin: "https://shop.example".to_owned(),
            is_https: true,
        };
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        is_same_origin(&headers, &public_url)
    }

    #[test]
    fn only_this_very_site_is_the_same() {
        assert!(check(&[]));
        assert!(check(&[("origin", "https://shop.example")]));
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        for origin in [
            "null",
            "http://shop.example",
            "https://shop.example:443",
            "https://shop.example.evil.example",
            "https://evil.example",
            "",
        ] {
            assert!(!check(&[("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "none", "SAME-ORIGIN"] {
            assert!(!check(&[("sec-fetch-site", site)]), "{site}");
        }
    }
}
