//! Where a request comes from is told by the gateway, not by the client (RFC 7239).

use crate::harness::http::Request;
use crate::harness::settings::{HOST, Settings};
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// What a client might claim about itself.
const CLAIMS: &[(&str, &str)] = &[
    ("Forwarded", "for=192.0.2.66;proto=https;host=evil.test"),
    ("X-Forwarded-For", "192.0.2.66"),
    ("X-Forwarded-Host", "evil.test"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Port", "443"),
    ("X-Forwarded-Prefix", "/evil"),
    ("X-Forwarded-Uri", "/public"),
    ("X-Forwarded-Method", "GET"),
    ("X_Forwarded_For", "192.0.2.66"),
    ("X-Real-IP", "192.0.2.66"),
    ("X-Client-IP", "192.0.2.66"),
    ("True-Client-IP", "192.0.2.66"),
    ("CF-Connecting-IP", "192.0.2.66"),
    ("X-Cluster-Client-IP", "192.0.2.66"),
];

#[test]
fn a_stranger_cannot_say_where_they_come_from() {
    let stage = Stage::plain();
    let request = CLAIMS
        .iter()
        .fold(Request::get("/public/x"), |request, (name, value)| request.with(name, value));
    stage.exchange(&request).expect(200);
    let received = stage.api.only_request();
    for (name, value) in received.headers().iter() {
        let is_claim = ["192.0.2.66", "evil", "https"].iter().any(|claim| value.contains(claim));
        assert!(!is_claim, "{name}: {value}");
    }
    let forwarded = received.headers().get("forwarded").unwrap();
    assert!(forwarded.contains("for=127.0.0.1"), "{forwarded}");
    assert!(forwarded.contains("proto=http"), "{forwarded}");
    assert!(forwarded.contains(HOST), "{forwarded}");
    assert_eq!(received.headers().get("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(received.headers().get("x-forwarded-proto"), Some("http"));
    assert_eq!(received.headers().get("x-forwarded-host"), Some(HOST));
}

#[test]
fn a_trusted_proxy_is_believed() {
    let settings =
        Settings { sections: "trusted_proxies: [127.0.0.0/8]".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    let request = Request::get("/public/x").with("X-Forwarded-For", "198.51.100.1, 192.0.2.66");
    stage.exchange(&request).expect(200);
    let received = stage.api.only_request();
    let forwarded_for = received.headers().get("x-forwarded-for").unwrap();
    assert!(forwarded_for.contains("192.0.2.66"), "{forwarded_for}");
    let source = stage
        .symbolon
        .access_log()
        .wait_for("the request", |line| line.contains("/public/x").then(|| line.to_owned()));
    // The nearest address that is not a trusted proxy; what stands before it is hearsay.
    assert!(source.contains("\"source\":\"192.0.2.66\""), "{source}");
}

#[test]
fn a_request_id_of_the_clients_own_is_not_taken_for_ours() {
    let stage = Stage::plain();
    let request = Request::get("/public/x").with("X-Request-Id", "evil\"id");
    let answer = stage.exchange(&request).expect(200);
    let ours = answer.header("x-request-id").unwrap();
    assert!(!ours.contains("evil"), "{ours}");
    assert_eq!(stage.api.only_request().headers().get("x-request-id"), Some(ours));
}
