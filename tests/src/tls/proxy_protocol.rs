//! Who connects through a load balancer, and who only says so.

use std::sync::Arc;

use super::scene::{Files, Scene, listening};
use crate::harness::http::{Connection, Request};
use crate::harness::settings::{HOST, Settings};
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const V1: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0f\xc0\x00\x02\x08\xc0\x00\x02\x01\xdc\x04\x01\xbb\x04\x00\x00";
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00";

/// A plain listener that demands the header.
fn stage(trusted: &str, limits: &str) -> Stage {
    let settings = Settings {
        address: "127.0.0.1:0, proxy_protocol: required".to_owned(),
        sections: format!("trusted_proxies: [{trusted}]\n{limits}"),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

/// The source that the service is told, for a connection that begins like this.
#[track_caller]
fn source(stage: &Stage, beginning: &[u8], request: &Request) -> String {
    let mut connection = stage.connect();
    connection.send(&[beginning, &request.to_bytes()].concat());
    connection.response().expect(200);
    let received = stage.api.last_request();
    received.headers().get("x-forwarded-for").unwrap().to_owned()
}

#[track_caller]
fn is_closed(stage: &Stage, beginning: &[u8]) {
    let mut connection = stage.connect();
    connection.send(&[beginning, &Request::get("/public/x").to_bytes()].concat());
    assert!(connection.rest().is_empty());
}

#[test]
fn the_load_balancer_says_who_connects() {
    let stage = stage("127.0.0.0/8", "");
    let request = Request::get("/public/x");
    assert_eq!(source(&stage, V1, &request), "192.0.2.7");
    assert_eq!(source(&stage, V2, &request), "192.0.2.8");
    assert_eq!(source(&stage, LOCAL, &request), "127.0.0.1");
    assert_eq!(source(&stage, b"PROXY UNKNOWN\r\n", &request), "127.0.0.1");
    // Who connects through it is no proxy of ours.
    let lying = request.with("X-Forwarded-For", "203.0.113.9");
    assert_eq!(source(&stage, V1, &lying), "192.0.2.7");
    stage
        .symbolon
        .access_log()
        .wait_for("the source", |line| line.contains("\"source\":\"192.0.2.7\"").then_some(()));
}

#[test]
fn a_header_that_comes_byte_by_byte_is_read() {
    let stage = stage("127.0.0.1", "");
    for header in [V1, V2] {
        let mut connection = stage.connect();
        for byte in header {
            connection.send(&[*byte]);
        }
        connection.exchange(&Request::get("/public/x")).expect(200);
    }
}

#[test]
fn who_is_not_trusted_is_closed_whatever_it_says() {
    let stage = stage("192.0.2.0/24", "");
    for beginning in [V1, V2, LOCAL, b""] {
        is_closed(&stage, beginning);
    }
    assert_eq!(stage.api.hits(), 0);
    stage.symbolon.log().wait_for("why", |line| {
        line.contains("a PROXY header of somebody who is no trusted proxy").then_some(())
    });
}

#[test]
fn what_is_no_header_is_closed() {
    let stage = stage("127.0.0.1", "limits: { handshake_timeout: 1s }");
    is_closed(&stage, b"");
    is_closed(&stage, b"PROXY TCP4 192.0.2.7\r\n");
    is_closed(&stage, b"PROXY TCP4 192.0.2.7 192.0.2.1 56324 99999\r\n");
    is_closed(&stage, b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff");
    // Half of one is waited for, but not for long.
    let mut connection = stage.connect();
    connection.send(b"PROXY TCP4 192.");
    assert!(connection.rest().is_empty());
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn where_none_is_demanded_a_header_is_no_request() {
    let stage = Stage::plain();
    let mut connection = Connection::to(stage.symbolon.address);
    connection.send(&[V1, &Request::get("/public/x").to_bytes()].concat());
    assert_eq!(connection.try_response("GET").map_or(400, |answer| answer.status), 400);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn the_header_stands_before_the_handshake() {
    let mut settings = listening(", proxy_protocol: required");
    settings.sections = "trusted_proxies: [127.0.0.1]".to_owned();
    let scene: Scene = Files::new().start(settings, Upstream::plain());
    let client = Arc::new(scene.files.authority.client(None));
    let mut connection = scene.connect_with(HOST, &client, V2).unwrap();
    connection.exchange(&Request::get("/public/x")).expect(200);
    let received = scene.stage.api.last_request();
    assert_eq!(received.headers().get("x-forwarded-for"), Some("192.0.2.8"));
    assert!(scene.connect_with(HOST, &client, b"").is_err());
    scene.wait_for_meter("symbolon_proxy_headers_total{outcome=\"accepted\"}", 1);
}
