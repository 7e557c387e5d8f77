//! One service cannot take more of the gateway than it is given, and no other one suffers.

use std::sync::mpsc;
use std::thread;

use super::scene::{hanging, settings, stage};
use crate::harness::http::{Connection, Request};
use crate::harness::patience::{eventually, now};
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

fn hang(stage: &Stage) -> Connection {
    let mut connection = stage.connect();
    connection.send(&Request::get("/many/hang").to_bytes());
    connection
}

#[test]
fn requests_beyond_the_bound_are_refused_at_once_and_say_when_to_come_back() {
    let target = hanging();
    let stage = stage(&[&target], ", breaker: { max_requests: 2 }");
    let stuck = [hang(&stage), hang(&stage)];
    target.wait_for_hits(2);
    let refused = stage.exchange(&Request::get("/many/x")).expect(503);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.json()["code"], "overloaded");
    stage.symbolon.access_log().wait_for("the refusal", |line| {
        let is_it = line.contains("\"rejection\":\"overloaded\"") && line.contains("max_requests");
        is_it.then_some(())
    });
    // Another service has nothing to do with it.
    stage.exchange(&Request::get("/public/x")).expect(200);
    drop(stuck);
    eventually("room", || (stage.exchange(&Request::get("/many/x")).status == 200).then_some(()));
}

#[test]
fn a_request_waits_for_a_connection_and_no_more_of_them_than_may() {
    let target = hanging();
    let keys = ", breaker: { max_connections: 1, max_pending: 1 }, timeouts: { connect: 30s }";
    let stage = stage(&[&target], keys);
    let stuck = hang(&stage);
    target.wait_for_hits(1);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..2 {
            let (stage, tell) = (&stage, tell.clone());
            scope.spawn(move || tell.send(stage.exchange(&Request::get("/many/x")).status));
        }
        // One waits, so the other one is refused, and it is told first.
        assert_eq!(told.recv(), Ok(503));
        drop(stuck);
        assert_eq!(told.recv(), Ok(200));
    });
    assert_eq!(target.hits(), 2);
}

#[test]
fn nobody_waits_for_a_connection_for_longer_than_for_connecting() {
    let target = hanging();
    let keys = ", breaker: { max_connections: 1 }, timeouts: { connect: 500ms }";
    let stage = stage(&[&target], keys);
    let _stuck = hang(&stage);
    target.wait_for_hits(1);
    let began = now();
    let refused = stage.exchange(&Request::get("/many/x")).expect(503);
    assert_eq!(refused.json()["code"], "overloaded");
    assert!((400..5000).contains(&(now() - began).as_millis()));
}

#[test]
fn an_unused_connection_is_given_up_for_whoever_waits() {
    let targets = [hanging(), hanging()];
    let keys = ", breaker: { max_connections: 1 }, timeouts: { connect: 30s }";
    let stage = stage(&[&targets[0], &targets[1]], keys);
    let began = now();
    for _ in 0..40 {
        stage.exchange(&Request::post("/many/x").body(b"x")).expect(200);
    }
    assert_eq!((targets[0].hits(), targets[1].hits()), (20, 20));
    assert!((now() - began).as_secs() < 5, "they wait for idle connections to age");
}

#[test]
fn a_tunnel_holds_its_place_until_it_is_over() {
    let target = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            if request.headers().has("sec-websocket-key") {
                return peer.echo_messages(&request);
            }
            peer.write(&ok("{}"));
        }
    });
    let stage = stage(&[&target], ", breaker: { max_requests: 1, max_connections: 1 }");
    let mut tunnel = stage.connect();
    let open = Request::get("/many/ws")
        .with("Connection", "Upgrade")
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13")
        .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    tunnel.send(&open.to_bytes());
    assert_eq!(tunnel.head().unwrap().status, 101);
    let refused = stage.exchange(&Request::get("/many/x")).expect(503);
    assert_eq!(refused.json()["code"], "overloaded");
    drop(tunnel);
    eventually("room", || (stage.exchange(&Request::get("/many/x")).status == 200).then_some(()));
}

#[test]
fn services_that_hang_reset_or_lie_take_no_other_route_down_with_them() {
    let stuck = hanging();
    let resetting = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.reset();
        }
    });
    let lying = Upstream::answering(|_| {
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".to_vec()
    });
    let mut settings = settings(&[stuck.address], "");
    settings.services.extend([
        format!("\n  resetting: {{ targets: [http://{}] }}", resetting.address),
        format!("\n  lying: {{ targets: [http://{}] }}", lying.address),
    ]);
    settings.routes += "\n  - { name: resetting, paths: [/resetting], service: resetting, authenticate: none }\
        \n  - { name: lying, paths: [/lying], service: lying, authenticate: none }";
    let stage = Stage::set(&settings, Upstream::plain());
    let _stuck: Vec<_> = (0..100).map(|_| hang(&stage)).collect();
    stuck.wait_for_hits(100);
    let mut slowest = 0;
    for _ in 0..20 {
        stage.exchange(&Request::get("/resetting/x")).expect(502);
        stage.exchange(&Request::get("/lying/x")).expect(502);
        let began = now();
        stage.exchange(&Request::get("/public/x")).expect(200);
        slowest = slowest.max((now() - began).as_millis());
    }
    assert!(slowest < 2000, "{slowest} ms");
}
