//! Two processes answer: what one of them has acknowledged holds in both.

use std::time::Duration;

use serde_json::{Value, json};

use super::scene::{Socket, kept, stage};
use crate::harness::http::Request;
use crate::harness::patience::now;
use crate::harness::stage::Stage;

/// Quiet tunnels are looked at every five seconds, and the other process's endings five times a
/// second; the rest is for a busy machine.
const IN_TIME: Duration = Duration::from_secs(12);

#[track_caller]
fn is_closed_in_time(socket: &mut Socket) {
    let ended = now();
    socket.wait_until_closed();
    assert!(ended.elapsed() < IN_TIME, "{:?}", ended.elapsed());
}

#[test]
fn who_logs_out_of_the_new_process_is_out_of_the_old_one() {
    let stage = stage("1m");
    let (mut alice, bob) = (stage.alice(), stage.newcomer("bob", &[]));
    let request = alice.dress(Request::get("/api/x"));
    let mut connections = [kept(&stage), kept(&stage), kept(&stage)];
    for connection in &mut connections {
        connection.exchange(&request).expect(200);
    }
    let mut socket = Socket::open(&stage, &alice);
    let mut other = Socket::open(&stage, &bob);
    stage.symbolon.upgrade();
    // The old one answers for her until she goes.
    let [mut first, rest @ ..] = connections;
    first.exchange(&request).expect(200);
    alice.log_out();
    for mut connection in rest {
        connection.exchange(&request).expect(401);
    }
    is_closed_in_time(&mut socket);
    other.say("still there");
}

#[test]
fn who_logs_out_of_the_old_process_is_out_of_the_new_one() {
    let stage = stage("1m");
    let alice = stage.alice();
    let mut old = kept(&stage);
    let mut held = Socket::open(&stage, &alice);
    stage.symbolon.upgrade();
    held.say("the old process drains");
    let request = alice.dress(Request::get("/api/x"));
    let mut connections = [kept(&stage), kept(&stage), kept(&stage)];
    for connection in &mut connections {
        connection.exchange(&request).expect(200);
    }
    let mut socket = Socket::open(&stage, &alice);
    let bearer = format!("Bearer {}", alice.token());
    let log_out = Request::post("/auth/logout").with("Authorization", &bearer).body(b"");
    old.exchange(&log_out).expect(204);
    for connection in &mut connections {
        connection.exchange(&request).expect(401);
    }
    stage.exchange(&request).expect(401);
    is_closed_in_time(&mut socket);
    is_closed_in_time(&mut held);
}

#[test]
fn a_tunnel_ends_where_nothing_else_asks_its_process() {
    let stage = stage("1m");
    let (mut alice, mut bob) = (stage.alice(), stage.newcomer("bob", &[]));
    let mut old = Socket::open(&stage, &alice);
    let mut kept = kept(&stage);
    stage.symbolon.upgrade();
    alice.log_out();
    is_closed_in_time(&mut old);
    // And the other way round: the new process is asked for nothing but the tunnel.
    let mut new = Socket::open(&stage, &bob);
    let bearer = format!("Bearer {}", bob.token());
    let log_out = Request::post("/auth/logout").with("Authorization", &bearer).body(b"");
    kept.exchange(&log_out).expect(204);
    is_closed_in_time(&mut new);
    bob.get("/api/x").expect(401);
}

#[test]
fn a_changed_session_is_the_same_in_both() {
    let stage = stage("1m");
    let alice = stage.alice();
    let data = alice.dress(Request::get("/api/data"));
    let put = alice.dress(Request::get("/api/put"));
    let read = |stage: &Stage| stage.exchange(&data).expect(200).json();
    assert_eq!(read(&stage), Value::Null);
    let (mut one, mut two) = (kept(&stage), kept(&stage));
    let mut held = Socket::open(&stage, &alice);
    stage.symbolon.upgrade();
    assert_eq!(read(&stage), Value::Null);
    one.exchange(&put).expect(200);
    assert_eq!(read(&stage), json!({ "cart": 1 }), "changed through the old process");
    assert_eq!(two.exchange(&data).expect(200).json(), json!({ "cart": 1 }));
    held.say("both have answered");
}

#[test]
fn an_operator_ends_sessions_in_both() {
    let stage = stage("1m");
    let (mut alice, bob) = (stage.alice(), stage.newcomer("bob", &[]));
    let (mut one, mut two) = (kept(&stage), kept(&stage));
    let mut socket = Socket::open(&stage, &alice);
    stage.symbolon.upgrade();
    stage.symbolon.run(&["user", "disable", "alice"]);
    one.exchange(&alice.dress(Request::get("/api/x"))).expect(401);
    two.exchange(&bob.dress(Request::get("/api/x"))).expect(200);
    alice.get("/api/x").expect(401);
    is_closed_in_time(&mut socket);
}
