//! Connections that change their protocol (RFC 9110 section 7.8): WebSocket and its like.

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Peer, Upstream};

const SWITCHING: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// Switches and sends everything back.
fn echo(peer: &mut Peer) {
    if peer.request().is_some() {
        peer.write(SWITCHING);
        peer.echo();
    }
}

fn asking(target: &str) -> Request {
    Request::get(target).with("Connection", "keep-alive, Upgrade").with("Upgrade", "websocket")
}

#[test]
fn bytes_flow_both_ways_after_the_switch() {
    let stage = Stage::with(Upstream::scripted(echo));
    let alice = stage.alice();
    let mut connection = stage.connect();
    connection.send(&alice.dress(asking("/api/x")).to_bytes());
    let answer = connection.head().unwrap();
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    for message in [&b"hello"[..], b"\x00\xff\r\n\r\n", &vec![b'x'; 20_000]] {
        connection.send(message);
        assert_eq!(connection.bytes(message.len()), message);
    }
    let received = stage.api.only_request();
    assert_eq!(received.headers().get("upgrade"), Some("websocket"));
    assert_eq!(received.claims()["sub"], "alice");
    drop(connection);
    stage.api.wait_until_left_alone();
}

#[test]
fn a_protocol_change_needs_the_same_identity_as_everything_else() {
    let stage = Stage::with(Upstream::scripted(echo));
    let mut connection = stage.connect();
    connection.send(&asking("/api/x").to_bytes());
    connection.send(b"smuggled early");
    assert_eq!(connection.head().unwrap().status, 401);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn what_is_sent_before_the_switch_is_no_second_request() {
    // A service that declines: the bytes after the head must not become a request to it.
    let stage = Stage::plain();
    let mut connection = stage.connect();
    let request = asking("/public/x").to_bytes();
    connection.send(&[&request[..], b"GET /public/hidden HTTP/1.1\r\nX: y\r\n\r\n"].concat());
    assert_eq!(connection.response().status, 200);
    // The gateway may answer what follows, as a request of its own: this one has no host.
    if let Ok(answer) = connection.try_response("GET") {
        assert_eq!(answer.status, 400);
    }
    assert_eq!(stage.api.only_request().target(), "/public/x");
}

#[test]
fn nobody_switches_who_was_not_asked() {
    let stage = Stage::with(Upstream::scripted(echo));
    stage.exchange(&Request::get("/public/x")).expect(502);
    stage.exchange(&Request::get("/public/x").with("Upgrade", "websocket")).expect(502);
    let received = stage.api.requests();
    assert!(received.iter().all(|request| !request.headers().has("upgrade")), "{received:?}");
}

#[test]
fn http2_is_no_protocol_to_switch_to() {
    // RFC 9113 section 3.1: `h2c` by upgrade is obsolete, and a way around a gateway.
    let stage = Stage::plain();
    let request = Request::get("/public/x")
        .with("Connection", "Upgrade, HTTP2-Settings")
        .with("Upgrade", "h2c")
        .with("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA");
    let answer = stage.exchange(&request);
    assert_ne!(answer.status, 101);
    for received in stage.api.requests() {
        assert!(!received.headers().has("http2-settings"), "{received:?}");
        assert_ne!(received.headers().get("upgrade"), Some("h2c"), "{received:?}");
    }
}
