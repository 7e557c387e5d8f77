//! A new process that comes to nothing leaves the old one as it was.

use super::scene::{Socket, kept, stage};
use crate::harness::http::{Connection, Request};
use crate::harness::patience::eventually;
use crate::harness::program::{lives, signal};
use crate::harness::stage::Stage;

const REFUSED: &str = "not replaced, this process serves on";

/// As if nobody had asked: no connection is parted from, and memory answers again.
fn serves_on(stage: &Stage, mut connections: Vec<Connection>, count: usize) {
    stage.symbolon.wait_to_say(count, REFUSED);
    stage.symbolon.wait_to_say(count, "alone with the store");
    let (mut alice, before) = (stage.again("alice"), stage.symbolon.serving());
    alice.get("/api/x").expect(200);
    for connection in &mut connections {
        let answer = connection.exchange(&alice.dress(Request::get("/api/x"))).expect(200);
        assert_eq!(answer.header("connection"), None);
    }
    assert!(lives(before));
}

#[test]
fn a_broken_configuration_replaces_nothing() {
    let stage = stage("1m");
    let mut socket = Socket::open(&stage, &stage.alice());
    let good = std::fs::read_to_string(stage.symbolon.config()).unwrap();
    stage.symbolon.write_config(&good.replace("routes:", "rotes:"));
    let connections = vec![kept(&stage), kept(&stage)];
    stage.symbolon.ask_to_upgrade();
    let said = stage.symbolon.wait_to_say(1, REFUSED);
    assert!(said[0]["error"].as_str().unwrap().contains("64"), "{said:?}");
    serves_on(&stage, connections, 1);
    socket.say("still there");
    stage.symbolon.write_config(&good);
    stage.symbolon.upgrade();
    socket.say("and now in the old one");
}

#[test]
fn a_new_process_that_dies_replaces_nothing() {
    let stage = stage("1m");
    let mut socket = Socket::open(&stage, &stage.alice());
    // The last one says what it hears, which is not what is expected of it.
    for (count, script) in
        [(1, "exit 3"), (2, "BINARY \"$@\" --nonsense"), (3, "kill -9 $$"), (4, "exec cat >&0")]
    {
        let connections = vec![kept(&stage), kept(&stage)];
        stage.symbolon.put_script(script);
        stage.symbolon.ask_to_upgrade();
        let started = stage.symbolon.wait_for_start(count);
        serves_on(&stage, connections, count);
        assert!(!lives(started), "{script}");
    }
    socket.say("still there");
}

#[test]
fn who_asks_again_is_told_to_wait_and_who_ends_it_ends_both() {
    let stage = stage("1m");
    let mut socket = Socket::open(&stage, &stage.alice());
    stage.symbolon.put_script("exec sleep 1000");
    let before = stage.symbolon.serving();
    stage.symbolon.ask_to_upgrade();
    let started = stage.symbolon.wait_for_start(1);
    stage.symbolon.ask_to_upgrade();
    stage.symbolon.wait_to_say(1, "asked again: a new process is being started already");
    stage.exchange(&Request::get("/public/x")).expect(200);
    signal(before, "TERM");
    eventually("the end of the new process", || (!lives(started)).then_some(()));
    socket.say("the old one drains");
    drop(socket);
    eventually("the end of the old one", || (!lives(before)).then_some(()));
}

#[test]
fn a_program_that_is_not_there_replaces_nothing() {
    let stage = stage("1m");
    stage.alice();
    let connections = vec![kept(&stage)];
    std::fs::remove_file(stage.symbolon.binary()).unwrap();
    stage.symbolon.ask_to_upgrade();
    serves_on(&stage, connections, 1);
}

#[test]
fn another_store_is_no_matter_of_an_upgrade() {
    let stage = stage("1m");
    stage.alice();
    let good = std::fs::read_to_string(stage.symbolon.config()).unwrap();
    stage.symbolon.write_config(&good.replace("data/symbolon.db", "data/other.db"));
    let connections = vec![kept(&stage)];
    stage.symbolon.ask_to_upgrade();
    serves_on(&stage, connections, 1);
    let log = stage.symbolon.log().all().join("\n");
    assert!(log.contains("the store that was handed over is not"), "{log}");
}
