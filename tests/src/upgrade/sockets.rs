//! The listening sockets are the same in both processes, whatever the configuration makes of them.

use super::held::Held;
use super::scene::{service, settings};
use crate::harness::http::{Connection, Request, exchange};
use crate::harness::program::signal;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;

/// Enough that the kernel gives some to every socket.
const CONNECTIONS: usize = 64;

fn with_workers(workers: usize) -> Settings {
    let sections = format!("workers: {workers}\nlimits: {{ drain: 1m }}");
    Settings { sections, ..Settings::default() }
}

fn rewrite(stage: &Stage, settings: &Settings) {
    stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
}

fn all_are_served(stage: &Stage) {
    for _ in 0..CONNECTIONS {
        stage.exchange(&Request::get("/public/x")).expect(200);
    }
}

#[test]
fn more_and_fewer_workers_accept_from_all_sockets() {
    let stage = Stage::replaceable(&with_workers(4), service());
    for workers in [1, 3, 2] {
        rewrite(&stage, &with_workers(workers));
        stage.symbolon.upgrade();
        stage.symbolon.wait_until_alone();
        all_are_served(&stage);
    }
}

#[test]
fn connections_that_nobody_has_accepted_yet_are_accepted_by_the_new_process() {
    let with = |limits: &str| Settings {
        sections: format!("{limits}, drain: 1m }}"),
        ..Settings::default()
    };
    let stage = Stage::replaceable(&with("workers: 4\nlimits: { connections: 1"), service());
    let request = Request::get("/public/x");
    let mut waiting: Vec<Connection> = (0..CONNECTIONS)
        .map(|_| {
            let mut connection = stage.connect();
            connection.send(&request.to_bytes());
            connection
        })
        .collect();
    // Each worker has one, and its place is taken: the others wait in the queues of four sockets,
    // and the new process has one worker for all of them.
    stage.api.wait_for_hits(4);
    rewrite(&stage, &with("workers: 1\nlimits: { connections: 1000"));
    stage.symbolon.upgrade();
    for connection in &mut waiting {
        connection.response().expect(200);
    }
    assert_eq!(stage.api.hits(), CONNECTIONS);
}

#[test]
fn a_listener_that_is_new_is_bound_and_one_that_is_gone_is_closed() {
    let stage = Stage::replaceable(&settings("1m"), service());
    let first = stage.symbolon.address;
    let both = format!("{first} }}, {{ address: 127.0.0.1:0");
    rewrite(&stage, &Settings { address: both, ..settings("1m") });
    stage.symbolon.upgrade();
    stage.symbolon.wait_until_alone();
    let public = |line: &serde_json::Value| {
        let address = line["address"].as_str().unwrap().parse().unwrap();
        (line["listener"] == "public").then_some(address)
    };
    let said = stage.symbolon.wait_to_say(5, "listening");
    let addresses: Vec<std::net::SocketAddr> = said.iter().filter_map(public).collect();
    let [before, kept, second] = addresses[..] else { panic!("{addresses:?}") };
    assert_eq!((before, kept), (first, first));
    for address in [first, second] {
        exchange(address, &Request::get("/public/x")).expect(200);
    }
    rewrite(&stage, &Settings { address: second.to_string(), ..settings("1m") });
    stage.symbolon.upgrade();
    stage.symbolon.wait_until_alone();
    exchange(second, &Request::get("/public/x")).expect(200);
    assert!(Connection::open(first).is_err());
}

#[test]
fn a_new_process_with_more_workers_that_fails_takes_no_connection_along() {
    let stage = Stage::replaceable(&with_workers(1), service());
    let held = Held::of(&stage, with_workers(8));
    stage.symbolon.ask_to_upgrade();
    let new = stage.symbolon.wait_for_start(1);
    Held::wait_for(new);
    // Were its seven sockets in the kernel's choice by now, most would wait there.
    let request = Request::get("/public/x");
    let mut waiting: Vec<Connection> = (0..CONNECTIONS).map(|_| stage.connect()).collect();
    signal(new, "KILL");
    stage.symbolon.wait_to_say(1, "not replaced, this process serves on");
    for connection in &mut waiting {
        connection.exchange(&request).expect(200);
    }
    drop(waiting);
    // And where it does not fail, it accepts from all of them.
    let reader = held.let_go();
    stage.symbolon.upgrade();
    stage.symbolon.wait_until_alone();
    all_are_served(&stage);
    drop(reader);
}
