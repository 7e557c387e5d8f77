//! What a request over HTTP/2 may look like, and what becomes of it (RFC 9113 section 8).

use crate::harness::html;
use crate::harness::http::{Request, percent};
use crate::harness::http2::{Client, request};
use crate::harness::stage::Stage;
use crate::harness::symbolon::PASSWORD;
use crate::harness::upstream::{Upstream, answer};

const PROTOCOL_ERROR: u64 = 1;

#[test]
fn a_request_is_judged_and_forwarded_like_any_other() {
    let stage = Stage::plain();
    let mut client = Client::to(stage.symbolon.address);
    let answer = client.get("/public/x?y=z", &[("accept", "*/*")]).expect(200);
    assert_eq!(answer.body(), "{}");
    assert!(answer.header("x-request-id").is_some());
    let received = stage.api.only_request();
    assert_eq!(received.message.start, "GET /public/x?y=z HTTP/1.1");
    assert_eq!(received.headers().get("host"), Some("shop.test"));
    assert_eq!(received.headers().get("via"), Some("2 symbolon"));
    client.get("/api/x", &[]).expect(401);
    client.get("/nowhere", &[]).expect(404);
    let answer = client.post("/public/x", &[], "a body").expect(200);
    for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
        assert_eq!(answer.header(name), None);
    }
    assert_eq!(stage.api.last_request().message.body, b"a body");
    // The connection is still there for HTTP/1.1 on the same listener.
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn cookies_in_several_fields_are_one() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let ours = format!("symbolon={}", alice.token());
    let mut client = Client::to(stage.symbolon.address);
    let crumbs = [("cookie", "a=1"), ("cookie", ours.as_str()), ("cookie", "b=2")];
    client.get("/api/x", &crumbs).expect(200);
    let received = stage.api.only_request();
    assert_eq!(received.claims()["sub"], "alice");
    assert_eq!(received.headers().get("cookie"), Some("a=1; b=2"));
}

#[test]
fn authority_and_host_agree_or_nothing_happens() {
    let stage = Stage::plain();
    let mut client = Client::to(stage.symbolon.address);
    let get = |authority: &[&'static str], hosts: &[&'static str]| {
        let mut fields = vec![(":method", "GET"), (":scheme", "http"), (":path", "/public/x")];
        fields.extend(authority.iter().map(|value| (":authority", *value)));
        fields.extend(hosts.iter().map(|value| ("host", *value)));
        fields
    };
    for (authority, hosts) in [
        (&["shop.test"][..], &["shop.test"][..]),
        (&["SHOP.test"], &["shop.test"]),
        (&[], &["shop.test"]),
        (&["shop.test"], &[]),
    ] {
        client.send(&get(authority, hosts), "").expect(200);
    }
    let before = stage.api.hits();
    for (authority, hosts) in [
        (&["shop.test"][..], &["evil.test"][..]),
        (&["shop.test"], &["shop.test:80"]),
        (&["shop.test"], &["shop.test", "evil.test"]),
        (&[], &["shop.test", "shop.test"]),
        (&["user@shop.test"], &[]),
        (&["shop.test/x"], &[]),
        (&[], &[]),
    ] {
        let answer = client.send(&get(authority, hosts), "");
        let is_refused = answer.status() == Some(400) || answer.reset() == Some(PROTOCOL_ERROR);
        assert!(is_refused, "{authority:?} {hosts:?}: {answer:?}");
        assert_eq!(answer.header("connection"), None);
    }
    assert_eq!(stage.api.hits(), before);
}

#[test]
fn what_has_no_place_in_http2_is_refused() {
    let stage = Stage::plain();
    for field in [
        ("connection", "close"),
        ("connection", "x-nominated"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "websocket"),
        ("te", "gzip"),
        ("X-Upper", "case"),
        ("x-injected", "a\r\nx-user: root"),
        ("x-nul", "a\0b"),
        ("x name", "with a space"),
        ("x-padded", " y"),
        (":status", "200"),
        (":path", "/admin/x"),
        ("content-length", "5"),
        ("http2-settings", "AAMAAABk"),
    ] {
        // A connection of its own: some of these end the whole of it.
        let mut client = Client::to(stage.symbolon.address);
        let answer = client.post("/public/x", &[field], "abc");
        assert_ne!(answer.status(), Some(200), "{field:?}: {answer:?}");
    }
    assert_eq!(stage.api.hits(), 0, "{:?}", stage.api.requests());
}

#[test]
fn paths_are_as_strict_as_ever() {
    let stage = Stage::plain();
    let mut client = Client::to(stage.symbolon.address);
    for path in [
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public//x",
        "/public/a%2fb",
        "/public\\x",
        "/public;x",
        "*",
        "http://evil.test/public/x",
        "//evil.test/public",
    ] {
        let answer = client.get(path, &[]);
        let is_refused = answer.status() == Some(400) || answer.reset() == Some(PROTOCOL_ERROR);
        assert!(is_refused, "{path}: {answer:?}");
    }
    client.get("/public/%6Frders", &[]).expect(200);
    assert_eq!(stage.api.only_request().target(), "/public/orders");
    // A fragment is no part of anything, here as in HTTP/1.1.
    client.get("/public/x#/../../admin", &[]);
    assert!(stage.api.requests().iter().all(|request| !request.target().contains("admin")));
}

#[test]
fn a_head_has_a_longest_length_and_a_greatest_number_of_fields() {
    let stage = Stage::plain();
    let mut client = Client::to(stage.symbolon.address);
    let long = "x".repeat(40 * 1024);
    client.get("/public/x", &[("x-long", &long)]).expect(431);
    client.get("/public/x", &[("x-many", "1"); 120]).expect(431);
    let target = format!("/public/{}", "x".repeat(9 * 1024));
    client.get(&target, &[]).expect(414);
    client.get("/public/x", &[("cookie", "a=1"); 120]).expect(200);
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn a_person_logs_in_on_the_same_pages() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &["customer"]);
    let mut client = Client::to(stage.symbolon.address);
    let page = client.get("/auth/login", &[("sec-fetch-mode", "navigate")]).expect(200);
    let cookie = page.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let mut typed = html::hidden_fields(page.body(), "/auth/login");
    typed.push(("username".to_owned(), "alice".to_owned()));
    typed.push(("password".to_owned(), PASSWORD.to_owned()));
    let pairs: Vec<String> =
        typed.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    let fields = [
        ("cookie", cookie.as_str()),
        ("origin", "http://shop.test"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = client.post("/auth/login", &fields, &pairs.join("&")).expect(303);
    let session = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    client.get("/api/x", &[("cookie", &session)]).expect(200);
    assert_eq!(stage.api.only_request().claims()["sub"], "alice");
}

#[test]
fn answers_without_a_body_have_none() {
    let api = Upstream::answering(|request| match request.target() {
        "/public/none" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        "/public/same" => b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n".to_vec(),
        _ if request.method() == "HEAD" => b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n".to_vec(),
        _ => answer::ok("{}"),
    });
    let stage = Stage::with(api);
    let mut client = Client::to(stage.symbolon.address);
    let answer = client.send(&request("HEAD", "/public/x"), "").expect(200);
    assert_eq!((answer.header("content-length"), answer.body()), (Some("7"), ""));
    assert_eq!(client.get("/public/none", &[]).expect(204).body(), "");
    assert_eq!(client.get("/public/same", &[]).expect(304).header("etag"), Some("x"));
    client.get("/public/x", &[]).expect(200);
    // One refusal of ours, too.
    let answer = client.send(&request("HEAD", "/api/x"), "").expect(401);
    assert_eq!((answer.body(), answer.reset()), ("", None));
}

#[test]
fn a_connect_is_no_way_through() {
    let stage = Stage::plain();
    let mut client = Client::to(stage.symbolon.address);
    client.send(&[(":method", "CONNECT"), (":authority", "shop.test:80")], "").expect(400);
    let fields = [&request("CONNECT", "/public/x")[..], &[(":protocol", "connect-udp")]].concat();
    client.send(&fields, "").expect(400);
    assert_eq!(stage.api.hits(), 0);
}
