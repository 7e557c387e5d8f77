//! What the browser itself says about where a request comes from.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::PublicUrl;

/// Whether nothing in the request says that it comes from another site.
///
/// `Origin` (RFC 6454 section 7) must be ours, so `null` is refused; `Sec-Fetch-Site` must be
/// `same-origin`. Clients that are no browsers send neither.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let texts = |name: &str| headers.get_all(name).iter().map(HeaderValue::to_str);
    texts(header::ORIGIN.as_str()).all(|origin| origin.is_ok_and(|text| public_url.is(text)))
        && texts("sec-fetch-site").all(|site| site.is_ok_and(|text| text == "same-origin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &'static str)]) -> bool {
        let public_url = PublicUrl { origin: "https://shop.example".to_owned(), is_https: true };
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
    }

    #[test]
    fn on_loopback_its_names_are_one() {
        let check = |origin: &'static str| {
            let public_url =
                PublicUrl { origin: "http://127.0.0.1:8080".to_owned(), is_https: false };
            let headers = [(header::ORIGIN, HeaderValue::from_static(origin))];
            is_same_origin(&headers.into_iter().collect(), &public_url)
        };
        assert!(check("http://127.0.0.1:8080") && check("http://localhost:8080"));
        for origin in [
            "http://localhost:8081",
            "http://localhost",
            "https://localhost:8080",
            "http://localhost.evil.example:8080",
            "http://127.0.0.1.evil.example:8080",
        ] {
            assert!(!check(origin), "{origin}");
        }
    }

    #[test]
    fn the_browser_says_so_itself() {
        for site in ["cross-site", "same-site", "none", "SAME-ORIGIN"] {
            assert!(!check(&[("sec-fetch-site", site)]), "{site}");
        }
    }
}
