//! WebSocket over HTTP/2 (RFC 8441): an extended CONNECT is an upgrade to the service.

use crate::harness::http2::{Client, request};
use crate::harness::stage::Stage;
use crate::harness::upstream::{Peer, Upstream};

const ENABLE_CONNECT_PROTOCOL: u16 = 8;

fn echo(peer: &mut Peer) {
    if let Some(request) = peer.request() {
        peer.echo_messages(&request);
    }
}

fn asking<'a>(path: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let asked = [(":protocol", "websocket"), ("sec-websocket-version", "13")];
    [&request("CONNECT", path)[..], &asked, fields].concat()
}

/// A masked text message (RFC 6455 section 5.2); the mask is zero.
fn message(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap() | 0x80;
    [&[0x81, length, 0, 0, 0, 0], text.as_bytes()].concat()
}

#[test]
fn messages_flow_both_ways() {
    let stage = Stage::with(Upstream::scripted(echo));
    let alice = stage.alice();
    let cookie = format!("symbolon={}", alice.token());
    let mut client = Client::to(stage.symbolon.address);
    let fields = asking("/api/x", &[("cookie", &cookie), ("origin", "http://shop.test")]);
    let stream = client.begin(&fields, "", true);
    client.data(stream, &message("hello"), false);
    assert_eq!(client.some(stream), b"\x81\x05hello");
    client.data(stream, &message("again"), false);
    assert_eq!(client.some(stream), b"\x81\x05again");
    let received = stage.api.only_request();
    assert_eq!(received.message.start, "GET /api/x HTTP/1.1");
    assert_eq!(received.headers().get("upgrade"), Some("websocket"));
    assert_eq!(received.headers().get("sec-websocket-version"), Some("13"));
    assert_eq!(received.headers().get("sec-websocket-key").map(str::len), Some(24));
    assert_eq!(received.claims()["sub"], "alice");
    client.reset(stream);
    stage.api.wait_until_left_alone();
}

#[test]
fn the_gateway_says_that_it_can() {
    let stage = Stage::plain();
    let answer = Client::to(stage.symbolon.address).get("/public/x", &[]).expect(200);
    assert_eq!(answer.setting(ENABLE_CONNECT_PROTOCOL), Some(1));
}

#[test]
fn a_page_of_another_origin_opens_nothing_with_our_cookie() {
    let stage = Stage::with(Upstream::scripted(echo));
    let alice = stage.alice();
    let cookie = format!("symbolon={}", alice.token());
    let mut client = Client::to(stage.symbolon.address);
    for origin in ["http://evil.test", "null", "http://shop.test.evil.test"] {
        let fields = asking("/api/x", &[("cookie", &cookie), ("origin", origin)]);
        let answer = client.send(&fields, "").expect(401);
        assert_eq!(answer.header("set-cookie"), None, "a foreign page must not log out");
    }
    client.send(&asking("/api/x", &[]), "").expect(401);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn the_end_of_the_session_is_the_end_of_the_websocket() {
    let stage = Stage::with(Upstream::scripted(echo));
    let mut alice = stage.alice();
    let cookie = format!("symbolon={}", alice.token());
    let mut client = Client::to(stage.symbolon.address);
    let stream = client.begin(&asking("/api/x", &[("cookie", &cookie)]), "", true);
    client.data(stream, &message("hello"), false);
    assert_eq!(client.some(stream), b"\x81\x05hello");
    alice.log_out();
    stage.api.wait_until_left_alone();
    client.answer(stream);
}

#[test]
fn a_service_that_declines_has_not_accepted() {
    // 200 from the service would say to the client that the WebSocket is open.
    let stage = Stage::plain();
    let mut client = Client::to(stage.symbolon.address);
    client.send(&asking("/public/x", &[]), "").expect(502);
    let stage = Stage::with(Upstream::answering(|_| {
        crate::harness::upstream::answer::with("426 Upgrade Required", &[], "no")
    }));
    let mut client = Client::to(stage.symbolon.address);
    assert_eq!(client.send(&asking("/public/x", &[]), "").expect(426).body(), "no");
}

#[test]
fn a_refusal_that_grpc_would_be_told_as_a_success_opens_nothing() {
    let grpc = ("content-type", "application/grpc");
    let stage = Stage::with(Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
                  Symbolon-Session: nonsense=(\r\n\r\n",
            );
            peer.wait_until_closed();
        }
    }));
    let mut client = Client::to(stage.symbolon.address);
    client.send(&asking("/api/x", &[grpc]), "").expect(401);
    client.send(&asking("/public/x", &[grpc]), "").expect(502);
    stage.api.wait_until_left_alone();
}

#[test]
fn who_takes_no_messages_is_cut_off() {
    use crate::harness::http2::frames::{Raw, headers};
    use crate::harness::settings::Settings;

    /// A window that stays shut (RFC 9113 section 6.5.2).
    const NO_WINDOW: (u16, u32) = (4, 0);
    let api = Upstream::scripted(|peer| {
        if let Some(request) = peer.request() {
            peer.accept_messages(&request);
            // More than fits on the way.
            peer.write(&vec![0; 4 << 20]);
            peer.wait_until_closed();
        }
    });
    let sections = "limits: { body_timeout: 1s }".to_owned();
    let stage = Stage::set(&Settings { sections, ..Settings::default() }, api);
    let mut raw = Raw::to(stage.symbolon.address, &[NO_WINDOW]);
    raw.send(&headers(1, 0, &asking("/public/x", &[]))).unwrap();
    stage.api.wait_for_hits(1);
    // It is there, and answers when it is asked whether it is.
    std::thread::spawn(move || while raw.frame().is_some() {});
    stage.api.wait_until_left_alone();
}
