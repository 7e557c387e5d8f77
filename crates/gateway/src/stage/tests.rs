//! What becomes of a request's head, tried without a network.

use std::sync::Arc;

use http::{Method, Version};
use proptest::prelude::*;
use symbolon_core::cookie::Found;

use super::*;
use crate::config::Limits;
use crate::extended_connect::ExtendedConnect;
use crate::fields::Fields;
use crate::head::{Head, Target};
use crate::rejection::{Reason, Rejection};
use crate::source_address::SourceAddress;
use crate::trusted::TrustedProxies;

const COOKIE: &str = "__Host-symbolon";

fn head(target: &str, rows: &[(&str, &str)]) -> Head {
    let has_host = rows.iter().any(|(name, _)| *name == "host");
    let host = (!has_host).then_some(("host", "shop.example"));
    Head {
        method: Method::GET,
        version: Version::HTTP_11,
        target: Target::Absolute(Box::new(target.parse().unwrap())),
        fields: host.into_iter().chain(rows.iter().copied()).collect(),
        extended_connect: ExtendedConnect::No,
    }
}

fn clean(target: &str, headers: &[(&str, &str)]) -> Result<Arc<Clean>, Rejection> {
    let (limits, trusted_proxies) = (Limits::default(), TrustedProxies::default());
    let ingress = Ingress {
        peer: &SourceAddress::new("192.0.2.1".parse().unwrap()),
        scheme: "https",
        limits: &limits,
        session_cookie: &COOKIE.into(),
        trusted_proxies: &trusted_proxies,
        identity_headers: &[],
        set_aside: &[],
    };
    Clean::new(head(target, headers), &ingress)
}

fn names(fields: &Fields) -> Vec<&str> {
    fields.iter().map(|(name, _)| std::str::from_utf8(name).unwrap()).collect()
}

#[test]
fn no_identity_and_nothing_of_the_connection_is_left() {
    let clean = clean(
        "/orders",
        &[
            ("x-user", "root"),
            ("x_user", "root"),
            ("X-Forwarded-For", "1.2.3.4"),
            ("authorization", "Bearer x"),
            ("symbolon-session", "end"),
            ("connection", "keep-alive, x-nominated"),
            ("x-nominated", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("accept", "*/*"),
        ],
    )
    .unwrap();
    assert_eq!(names(clean.fields()), ["accept"]);
}

#[test]
fn our_cookie_is_taken_out_and_the_others_stay() {
    let ours = [
        "__Host-symbolon=t",
        "symbolon=t",
        "__HOST-SYMBOLON=t",
        "__Host-symbolon-login=t",
        "__Secure-symbolon-browser=t",
    ];
    for cookie in ours {
        let clean = clean("/", &[("cookie", &format!("a=1; {cookie}; b=2"))]).unwrap();
        assert_eq!(clean.fields().get("cookie").unwrap(), b"a=1; b=2", "{cookie}");
    }
    assert!(clean("/", &[("cookie", "__Host-symbolon=t")]).unwrap().fields().is_empty());
}

#[test]
fn only_the_exact_cookie_counts_and_only_once() {
    let found = |cookie: &str| {
        let clean = clean("/", &[("cookie", cookie)]).unwrap();
        match clean.presented().session_cookie() {
            Found::None => "none".to_owned(),
            Found::One(value) => String::from_utf8_lossy(value).into_owned(),
            Found::Several => "several".to_owned(),
        }
    };
    assert_eq!(found("__Host-symbolon=t"), "t");
    assert_eq!(found("symbolon=t"), "none");
    assert_eq!(found("__HOST-symbolon=t"), "none");
    assert_eq!(found("__Host-symbolon=t; __Host-symbolon=t"), "several");
}

#[test]
fn a_bearer_token_is_read_as_rfc_6750_writes_it() {
    let rows = [
        ("Bearer abc", Bearer::Token(b"abc")),
        ("bearer  abc ", Bearer::Token(b"abc")),
        ("Basic abc", Bearer::None),
        ("Bearerabc", Bearer::None),
        ("Bearer", Bearer::Malformed),
        ("Bearer  ", Bearer::Malformed),
    ];
    for (value, bearer) in rows {
        let clean = clean("/", &[("authorization", value)]).unwrap();
        assert_eq!(clean.presented().bearer(), bearer, "{value}");
    }
    let two = clean("/", &[("authorization", "Bearer a"), ("authorization", "Bearer a")]).unwrap();
    assert_eq!(two.presented().bearer(), Bearer::Malformed);
}

#[test]
fn contradictory_heads_are_refused() {
    let bad: [&[(&str, &str)]; 10] = [
        &[("content-length", "1"), ("transfer-encoding", "chunked")],
        &[("transfer-encoding", "gzip, chunked")],
        &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
        &[("transfer-encoding", "xchunked")],
        &[("content-length", "1"), ("content-length", "1")],
        &[("host", "a"), ("host", "a")],
        &[("host", "a/b")],
        &[("host", "")],
        &[("host", "user@a")],
        &[("expect", "200-ok")],
    ];
    for headers in bad {
        assert_eq!(clean("/", headers).unwrap_err().reason, Reason::Malformed, "{headers:?}");
    }
}

#[test]
fn an_absolute_target_must_agree_with_the_host() {
    assert!(clean("http://shop.example/x", &[]).is_ok());
    assert!(clean("http://evil.example/x", &[]).is_err());
}

#[test]
fn a_websocket_of_a_foreign_page_is_told_from_our_own() {
    let foreign = |origin: &str| {
        let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket"), ("origin", origin)];
        clean("/", &upgrade).unwrap().is_foreign_upgrade()
    };
    assert!(!foreign("https://shop.example") && !foreign("https://SHOP.example"));
    for origin in [
        "https://evil.example",
        "null",
        "https://xshop.example",
        "shop.example",
        "",
        // Whoever is in between writes such a page.
        "http://shop.example",
        "https+x://shop.example",
    ] {
        assert!(foreign(origin), "{origin}");
    }
    assert!(!clean("/", &[("origin", "https://evil.example")]).unwrap().is_foreign_upgrade());
}

#[test]
fn a_target_over_the_bound_is_too_long() {
    let target = format!("/{}", "a".repeat(Limits::default().target_bytes));
    assert_eq!(clean(&target, &[]).unwrap_err().reason, Reason::TargetTooLong);
}

#[test]
fn a_person_is_told_from_a_program() {
    let rows: [(&[(&str, &str)], bool); 6] = [
        (&[("accept", "text/html,*/*")], true),
        (&[("accept", "*/*")], false),
        (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], true),
        (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], false),
        (&[("sec-fetch-mode", "cors"), ("accept", "text/html")], false),
        (&[], false),
    ];
    for (headers, is_navigation) in rows {
        let clean = clean("/", headers).unwrap();
        assert_eq!(login::is_navigation(&clean), is_navigation, "{headers:?}");
    }
}

proptest! {
    #[test]
    fn no_spelling_of_an_identity_header_survives(
        name in "[xX][-_]([uU][sS][eE][rR]|[fF]orwarded[-_][fF]or|[cC]onsumer[-_][iI][dD])[-_a-zA-Z]{0,6}",
    ) {
        let clean = clean("/", &[(&name, "root"), (&name, "admin")]).unwrap();
        prop_assert!(clean.fields().is_empty());
    }
}
