//! Forms count only when they were filled in on our own page: nobody can be logged in or out by
//! somebody else's page.

use crate::harness::html::hidden_fields;
use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::symbolon::PASSWORD;

/// The log-in form of a page, with what would log alice in.
fn filled_in(csrf: &str) -> Request {
    let fields = [("username", "alice"), ("password", PASSWORD), ("csrf", csrf)];
    let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Request::post("/auth/login").form(&fields)
}

#[test]
fn a_log_in_form_without_its_token_is_refused() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let mut visitor = stage.visitor();
    let mut stranger = stage.visitor();
    let csrf_of = |page: &str| hidden_fields(page, "/auth/login").remove(0).1;
    let own = csrf_of(visitor.open("/auth/login").text());
    let foreign = csrf_of(stranger.open("/auth/login").text());

    for csrf in ["", "x", foreign.as_str(), &own[1..], &format!("{own}A")] {
        let answer = visitor.send(filled_in(csrf)).expect(403);
        assert!(answer.set_cookie("symbolon").is_none(), "{answer:?}");
    }
    // A form of our own without the cookie that belongs to it.
    stage.exchange(&filled_in(&own)).expect(403);
    visitor.send(filled_in(&own)).expect(303);
}

#[test]
fn a_log_in_from_another_site_is_refused() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let mut visitor = stage.visitor();
    let page = visitor.open("/auth/login");
    let csrf = hidden_fields(page.text(), "/auth/login").remove(0).1;
    for (name, value) in [
        ("Origin", "http://evil.test"),
        ("Origin", "null"),
        ("Origin", "https://shop.test"),
        ("Origin", "http://shop.test.evil.test"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        visitor.send(filled_in(&csrf).with(name, value)).expect(403);
    }
    visitor.send(filled_in(&csrf).with("Origin", "http://shop.test")).expect(303);
}

#[test]
fn nobody_logs_in_or_out_by_a_get() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut visitor = stage.visitor();
    let login = format!("/auth/login?username=alice&password={}", PASSWORD.replace(' ', "+"));
    let answer = visitor.open(&login).expect(200);
    assert!(answer.set_cookie("symbolon").is_none());

    alice.open("/auth/logout").expect(200);
    alice.open("/auth/logout?everywhere=yes").expect(200);
    alice.get("/api/x").expect(200);
}

#[test]
fn a_log_out_form_without_its_token_is_refused() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut bob = stage.newcomer("bob", &[]);
    let foreign = hidden_fields(bob.open("/auth/logout").text(), "/auth/logout").remove(0).1;
    for csrf in ["", "x", foreign.as_str()] {
        let fields = [("csrf".to_owned(), csrf.to_owned())];
        alice.send(Request::post("/auth/logout").form(&fields)).expect(403);
    }
    let page = alice.open("/auth/logout");
    let request = alice.filled_in(&page, "/auth/logout", &[]);
    alice.send(request.with("Sec-Fetch-Site", "cross-site")).expect(403);
    alice.get("/api/x").expect(200);
}

#[test]
fn forms_with_a_field_twice_are_refused() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let mut visitor = stage.visitor();
    let page = visitor.open("/auth/login");
    let typed = [("username", "alice"), ("password", PASSWORD), ("username", "root")];
    let answer = visitor.submit(&page, "/auth/login", &typed);
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert!(answer.set_cookie("symbolon").is_none(), "{answer:?}");
}

#[test]
fn pages_cannot_be_framed_or_extended() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    for target in ["/auth/login?reauthenticate=1", "/auth/logout", "/auth/account", "/auth/nothing"]
    {
        let answer = alice.open(target);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{target}: {policy}");
        assert!(policy.contains("default-src 'none'"), "{target}: {policy}");
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http:"), "{target}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{target}");
        assert!(answer.header("referrer-policy").is_some(), "{target}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{target}");
        assert!(!answer.text().contains("<script"), "{target}");
        let addresses = [" src=\"", " href=\"", " action=\""];
        for address in addresses.iter().flat_map(|name| answer.text().split(name).skip(1)) {
            let is_ours = address.starts_with('/') && !address.starts_with("//");
            assert!(is_ours || address.starts_with("data:image/"), "{target}: {address:.40}");
        }
    }
}
