//! Values whose form a section judges itself.

use super::public_url::PublicUrl;

#[test]
fn a_public_url_is_a_scheme_and_an_authority() {
    let rows = [
        ("https://Shop.Example.com", "https://shop.example.com"),
        ("https://shop.example.com:443/", "https://shop.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:80", "http://[::1]"),
    ];
    for (text, canonical) in rows {
        assert_eq!(text.parse::<PublicUrl>().unwrap().to_string(), canonical);
    }
}

#[test]
fn anything_more_or_less_is_no_public_url() {
    for bad in [
        "",
        "shop.example.com",
        "ftp://a",
        "https://",
        "https://a/b",
        "https://a?b",
        "https://a#b",
        "https://u@a",
        "https://a:0",
        "https://a:70000",
        "https://a:+1",
        "https://*.a",
        "https://a b",
        "https://[::1",
        "https://a://b",
    ] {
        assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
    }
}
