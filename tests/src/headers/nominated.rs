//! `Connection` names what ends at this hop (RFC 9110 section 7.6.1); it cannot be used to take
//! the gateway's own headers away from the service.

use crate::harness::http::Request;
use crate::harness::stage::Stage;

#[test]
fn the_internal_token_cannot_be_nominated_away() {
    let stage = Stage::plain();
    let alice = stage.alice();
    for option in
        ["authorization", "Authorization, X-Request-Id", "close, AUTHORIZATION, forwarded"]
    {
        let request = Request::get("/api/x").with("Connection", option);
        stage.exchange(&alice.dress(request)).expect(200);
        let received = stage.api.last_request();
        assert_eq!(received.claims()["sub"], "alice", "{option}");
        assert!(received.headers().has("x-request-id"), "{option}");
        assert!(received.headers().has("forwarded"), "{option}");
    }
}

#[test]
fn what_is_nominated_ends_here() {
    let stage = Stage::plain();
    let request = Request::get("/public/x")
        .with("Connection", "x-only-here, keep-alive")
        .with("X-Only-Here", "1")
        .with("Keep-Alive", "timeout=9")
        .with("TE", "trailers")
        .with("Proxy-Connection", "keep-alive")
        .with("X-For-All", "2");
    stage.exchange(&request).expect(200);
    let received = stage.api.only_request();
    for name in ["x-only-here", "keep-alive", "te", "proxy-connection"] {
        assert!(!received.headers().has(name), "{name}");
    }
    assert_eq!(received.headers().get("x-for-all"), Some("2"));
}

#[test]
fn nominating_the_cookie_does_not_log_in_somebody_else() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let request = Request::get("/api/x").with("Connection", "cookie, host");
    let answer = stage.exchange(&alice.dress(request));
    // Either reading of it is sound; a service that sees the cookie would not be.
    assert!(matches!(answer.status, 200 | 400 | 401), "{answer:?}");
    for received in stage.api.requests() {
        assert_eq!(received.claims()["sub"], "alice");
        assert_eq!(received.headers().get("cookie"), None);
    }
}
