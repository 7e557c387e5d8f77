//! Canonical forms, tried with the attacks that differ between servers.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

#[test]
fn equal_paths_get_one_form() {
    let rows = [
        ("/", "/"),
        ("/a/b/", "/a/b/"),
        ("/%61%2D%7e", "/a-~"),
        ("/%c3%a4", "/%C3%A4"),
        ("/a%20b", "/a%20b"),
        ("/a:b@c,d=e", "/a:b@c,d=e"),
        ("/%21%24%26%27%28%29%2A%2B%2C%3D%3A%40", "/!$&'()*+,=:@"),
        ("/%3f%23%5b%5d%22%3c", "/%3F%23%5B%5D%22%3C"),
    ];
    for (raw, canonical) in rows {
        assert_eq!(path(raw).as_deref(), Ok(canonical), "{raw}");
    }
}

#[test]
fn ambiguous_paths_are_refused() {
    let rows = [
        ("", PathError::Start),
        ("a", PathError::Start),
        ("/../admin", PathError::DotSegment),
        ("/public/../admin", PathError::DotSegment),
        ("/public/%2e%2e/admin", PathError::DotSegment),
        ("/public/.%2E/admin", PathError::DotSegment),
        ("/a/./b", PathError::DotSegment),
        ("/a/.", PathError::DotSegment),
        ("//admin", PathError::EmptySegment),
        ("/a//b", PathError::EmptySegment),
        ("/a/b//", PathError::EmptySegment),
        ("/a%2fb", PathError::Encoding),
        ("/a%2Fb", PathError::Encoding),
        ("/a%5cb", PathError::Encoding),
        ("/a%3bb", PathError::Encoding),
        ("/a%252e", PathError::Encoding),
        ("/a%", PathError::Encoding),
        ("/a%4", PathError::Encoding),
        ("/a%zz", PathError::Encoding),
        ("/a%c0%ae", PathError::Encoding),
        ("/a%e0%80%af", PathError::Encoding),
        ("/a%ff", PathError::Encoding),
        ("/a%00", PathError::Character),
        ("/a%0a", PathError::Character),
        ("/a%7f", PathError::Character),
        ("/a\\b", PathError::Character),
        ("/a;b", PathError::Character),
        ("/a#b", PathError::Character),
        ("/a?b", PathError::Character),
        ("/ä", PathError::Character),
        ("/a b", PathError::Character),
        ("/a|b", PathError::Character),
    ];
    for (raw, error) in rows {
        assert_eq!(path(raw), Err(error), "{raw}");
    }
}

#[test]
fn hosts_lose_case_port_and_trailing_dot() {
    let rows = [
        ("Shop.Example.COM:8443", "shop.example.com"),
        ("shop.example.com.", "shop.example.com"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:80", "[::1]"),
        ("localhost", "localhost"),
    ];
    for (authority, host) in rows {
        assert_eq!(host_of(authority).as_deref(), Ok(host), "{authority}");
    }
}

#[test]
fn what_is_no_host_is_refused() {
    for bad in [
        "a b",
        "a,b",
        "user@host",
        "a/b",
        "host:8o",
        "host:+80",
        "host:65536",
        "[::1",
        "[::1]x",
        "a..b",
        "[x]",
    ] {
        assert_eq!(host_of(bad), Err(AuthorityError::Malformed), "{bad}");
    }
    assert_eq!(host_of(""), Err(AuthorityError::Missing));
}

/// A way to write a path: escaped where it must be, and where `choices` says so, in either case.
fn spelled(path: &str, choices: &[u8]) -> String {
    let mut spelled = String::new();
    for (byte, choice) in path.bytes().zip(choices.iter().cycle()) {
        let stands_raw = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@/".contains(&byte);
        match (byte, choice % 3) {
            (b'/', _) => spelled.push('/'),
            (_, 0) if stands_raw => spelled.push(char::from(byte)),
            (_, 1) => write!(spelled, "%{byte:02x}").unwrap(),
            _ => write!(spelled, "%{byte:02X}").unwrap(),
        }
    }
    spelled
}

proptest! {
    #[test]
    fn no_path_has_two_forms(
        decoded in "/[a-zA-Z0-9._~!$&'()*+,=:@ \"#<>?^`{|}é/-]{0,24}",
        one in proptest::collection::vec(any::<u8>(), 1..24),
        other in proptest::collection::vec(any::<u8>(), 1..24),
    ) {
        let (one, other) = (spelled(&decoded, &one), spelled(&decoded, &other));
        prop_assert_eq!(path(&one), path(&other), "{} and {}", one, other);
    }

    #[test]
    fn what_may_stand_raw_is_never_escaped(raw in "/[a-z%2-7A-F:@+]{0,24}") {
        let Ok(once) = path(&raw) else { return Ok(()) };
        for (at, _) in once.match_indices('%') {
            let value = u8::from_str_radix(&once[at + 1..at + 3], 16).unwrap();
            prop_assert!(path(&format!("/{}x", char::from(value))).is_err(), "{}", once);
        }
    }

    #[test]
    fn the_canonical_form_is_its_own_canonical_form(raw in "/[a-z%0-9A-F./;\\\\~é]{0,20}") {
        if let Ok(once) = path(&raw) {
            prop_assert_eq!(path(&once), Ok(once.clone()));
        }
    }

    #[test]
    fn no_canonical_path_has_a_segment_that_anybody_could_fold(raw in ".{0,24}") {
        if let Ok(once) = path(&format!("/{raw}")) {
            let lower = once.to_ascii_lowercase();
            prop_assert!(!lower.contains("//") && !lower.contains('\\') && !lower.contains('\0'));
            prop_assert!(!lower.split('/').any(|segment| segment == "." || segment == ".."));
            for hidden in ["%2f", "%5c", "%2e", "%25", "%3b", "%00"] {
                prop_assert!(!lower.contains(hidden));
            }
        }
    }
}
