//! What is started in the running process's place is a script, and the server is a child of it.

use super::held::{Held, make_queue, servers};
use super::scene::{Socket, kept, settings, stage};
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::program::{lives, signal};

/// Enough that a cache would show.
const REQUESTS: usize = 60;

/// Starts the server beside the script; `DETACH` is put before it.
const BESIDE: &str = "exec 3<&0\nDETACH BINARY \"$@\" <&3 3<&- &\n";

#[test]
fn a_server_that_a_script_has_started_takes_over() {
    let stage = stage("1m");
    stage.symbolon.put_script("BINARY \"$@\"\nexit $?");
    for count in 2..4 {
        stage.symbolon.upgrade();
        assert_eq!(stage.symbolon.serving(), servers(&stage, count)[count - 1]);
        stage.symbolon.wait_until_alone();
        stage.symbolon.wait_to_say(count - 1, "alone with the store");
    }
    let mut alice = stage.alice();
    alice.log_out();
    stage.exchange(&alice.dress(Request::get("/api/x"))).expect(401);
}

#[test]
fn a_server_that_is_not_wanted_does_not_serve() {
    for detach in ["", "setsid"] {
        let stage = stage("1m");
        let mut alice = stage.alice();
        let mut connection = kept(&stage);
        let script = BESIDE.replace("DETACH", detach);
        // Nothing that a new process says.
        stage.symbolon.put_script(&format!("{script}printf x >&3\nwait"));
        stage.symbolon.ask_to_upgrade();
        stage.symbolon.wait_to_say(1, "not replaced, this process serves on");
        stage.symbolon.wait_to_say(1, "alone with the store");
        let bearer = alice.dress(Request::get("/api/x"));
        for _ in 0..REQUESTS {
            stage.exchange(&bearer).expect(200);
        }
        alice.log_out();
        for _ in 0..REQUESTS {
            stage.exchange(&bearer).expect(401);
        }
        connection.exchange(&bearer).expect(401);
        let log = stage.symbolon.log().all();
        let started = log.iter().filter(|line| line.contains("\"message\":\"starting\"")).count();
        let others = servers(&stage, started);
        for id in &others[1..] {
            eventually("the end of the unwanted server", || (!lives(*id)).then_some(()));
        }
    }
}

#[test]
fn nobody_is_alone_while_the_unwanted_server_has_the_store() {
    let stage = stage("1m");
    let mut alice = stage.alice();
    let held = Held::of(&stage, settings("1m"));
    let give_up = stage.symbolon.folder().join("give-up");
    make_queue(&give_up);
    let script = BESIDE.replace("DETACH", "setsid");
    let script = format!("{script}read line <'{}'\nprintf x >&3\nwait", give_up.display());
    stage.symbolon.put_script(&script);
    stage.symbolon.ask_to_upgrade();
    let unwanted = servers(&stage, 2)[1];
    Held::wait_for(unwanted);
    std::fs::write(&give_up, "now\n").unwrap();
    stage.symbolon.wait_to_say(1, "not replaced, this process serves on");
    stage.symbolon.wait_to_say(1, "another process has the store still");
    assert!(!stage.symbolon.log().all().join("\n").contains("alone with the store"));
    alice.get("/api/x").expect(200);
    let _reader = held.let_go();
    stage.symbolon.wait_to_say(1, "alone with the store");
    assert!(!lives(unwanted));
    alice.get("/api/x").expect(200);
}

#[test]
fn a_server_whose_running_process_ends_does_not_serve() {
    let stage = stage("1m");
    let alice = stage.alice();
    let mut socket = Socket::open(&stage, &alice);
    let held = Held::of(&stage, settings("1m"));
    let before = stage.symbolon.serving();
    let script = BESIDE.replace("DETACH", "setsid");
    stage.symbolon.put_script(&format!("{script}wait"));
    stage.symbolon.ask_to_upgrade();
    let unwanted = servers(&stage, 2)[1];
    Held::wait_for(unwanted);
    signal(before, "TERM");
    stage.symbolon.wait_to_say(1, "the new process is not waited for");
    let _reader = held.let_go();
    eventually("the end of the unwanted server", || (!lives(unwanted)).then_some(()));
    // It has not taken the file of the running one's control socket along.
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
    socket.say("the old one drains");
    drop(socket);
    eventually("the end of the old one", || (!lives(before)).then_some(()));
}
