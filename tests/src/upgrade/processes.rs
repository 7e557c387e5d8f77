//! Which program takes over, and what becomes of those that were replaced.

use super::scene::{Socket, kept, stage};
use crate::demo::running::Demo;
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::program::{lives, signal};

#[test]
fn the_binary_that_lies_there_now_takes_over() {
    let stage = stage("1m");
    stage.symbolon.put_script("echo from another file >&2; exec BINARY \"$@\"");
    stage.symbolon.upgrade();
    stage
        .symbolon
        .log()
        .wait_for("the other file", |line| line.contains("from another file").then_some(()));
    stage.symbolon.wait_until_alone();
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn a_replaced_process_that_is_killed_is_noticed() {
    let stage = stage("1m");
    let mut alice = stage.alice();
    let mut socket = Socket::open(&stage, &alice);
    let replaced = stage.symbolon.upgrade();
    alice.get("/api/x").expect(200);
    socket.say("held by the old process");
    assert!(!stage.symbolon.log().all().join("\n").contains("alone with the store"));
    signal(replaced, "KILL");
    stage.symbolon.wait_to_say(1, "alone with the store");
    socket.wait_until_closed();
    alice.get("/api/x").expect(200);
    alice.log_out();
    alice.get("/api/x").expect(401);
}

#[test]
fn several_replaced_processes_drain_at_once() {
    let stage = stage("1m");
    let mut alice = stage.alice();
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push((Socket::open(&stage, &alice), stage.symbolon.upgrade()));
    }
    // The first of them is killed, the others part in order.
    let (mut first, killed) = sockets.remove(0);
    signal(killed, "KILL");
    first.wait_until_closed();
    for (socket, _) in &mut sockets {
        socket.say("still there");
    }
    assert!(!stage.symbolon.log().all().join("\n").contains("alone with the store"));
    alice.get("/api/x").expect(200);
    let replaced: Vec<u32> = sockets.into_iter().map(|(_, replaced)| replaced).collect();
    stage.symbolon.wait_to_say(1, "alone with the store");
    stage.symbolon.wait_until_alone();
    assert!(replaced.iter().all(|id| !lives(*id)));
}

#[test]
fn a_replaced_process_is_not_replaced_again_and_ends_when_asked() {
    let stage = stage("1m");
    let alice = stage.alice();
    let mut socket = Socket::open(&stage, &alice);
    let replaced = stage.symbolon.upgrade();
    signal(replaced, "USR2");
    stage.symbolon.wait_to_say(1, "replaced already: ask the new process");
    socket.say("still there");
    signal(replaced, "TERM");
    socket.wait_until_closed();
    stage.symbolon.wait_until_alone();
    stage.exchange(&alice.dress(Request::get("/api/x"))).expect(200);
}

#[test]
fn a_replaced_process_follows_the_configuration() {
    let stage = stage("1m");
    let (mut one, mut two) = (kept(&stage), kept(&stage));
    let mut socket = Socket::open(&stage, &stage.alice());
    stage.symbolon.upgrade();
    one.exchange(&Request::get("/public/x")).expect(200);
    let open = std::fs::read_to_string(stage.symbolon.config()).unwrap();
    let shut =
        open.replace("service: api, authenticate: none", "service: api, authenticate: [session]");
    assert_ne!(open, shut);
    stage.symbolon.write_config(&shut);
    stage.symbolon.wait_to_say(2, "configuration reloaded");
    two.exchange(&Request::get("/public/x")).expect(401);
    stage.exchange(&Request::get("/public/x")).expect(401);
    socket.say("still there");
}

#[test]
fn the_demo_is_not_replaced() {
    let demo = Demo::start();
    demo.program.signal("USR2");
    demo.program
        .stderr
        .wait_for("the refusal", |line| line.contains("the demo cannot be replaced").then_some(()));
    eventually("an answer", || (demo.exchange(&Request::get("/")).status < 500).then_some(()));
}
