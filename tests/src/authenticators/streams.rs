//! What outlives a request does not outlive the credential that it was let in by.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;

use super::table::{add_client, add_key};
use crate::harness::http::{Connection, Request};
use crate::harness::patience::now;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const SWITCHING: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// Quiet tunnels are looked at every five seconds; the rest is for a busy machine.
const IN_TIME: Duration = Duration::from_secs(12);

fn open(stage: &Stage, key: &str) -> Connection {
    let asking = Request::get("/keyed").with("Connection", "Upgrade").with("Upgrade", "websocket");
    let mut connection = stage.connect();
    connection.send(&asking.with("apikey", key).to_bytes());
    assert_eq!(connection.head().unwrap().status, 101);
    connection
}

#[track_caller]
fn say(connection: &mut Connection, text: &str) {
    connection.send(text.as_bytes());
    assert_eq!(connection.try_line(), text);
}

/// A service that switches to another protocol and repeats what it is told.
pub(super) fn echoing() -> Upstream {
    Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(SWITCHING);
            peer.echo();
        }
    })
}

#[test]
fn a_tunnel_ends_with_the_account_that_opened_it() {
    let settings = Settings {
        routes: "  - { name: people, paths: [/people], service: api, authenticate: [basic] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, echoing());
    stage.symbolon.add_user("alice", &[]);
    stage.symbolon.add_user("bob", &[]);
    let open = |name: &str| open_people(&stage, &basic(name));
    let (mut alice, mut bob) = (open("alice"), open("bob"));
    say(&mut alice, "one\n");
    stage.symbolon.run(&["user", "disable", "alice"]);
    assert_eq!(alice.rest(), b"");
    say(&mut bob, "still there\n");
}

#[test]
fn a_tunnel_ends_with_the_password_that_opened_it() {
    let settings = Settings {
        routes: "  - { name: people, paths: [/people], service: api, authenticate: [basic] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, echoing());
    let mut alice = stage.alice();
    stage.symbolon.add_user("bob", &[]);
    let open = |authorization: &str| open_people(&stage, authorization);
    let (mut old, mut bob) = (open(&basic("alice")), open(&basic("bob")));
    say(&mut old, "one\n");
    let page = alice.open("/auth/account").expect(200);
    let new = "swordfish and marmalade";
    let typed = [("current", "open sesame, please"), ("new", new), ("end_others", "yes")];
    alice.submit(&page, "/auth/account/password", &typed).expect(303);
    let mut young = open(&with_password("alice", new));
    assert_eq!(old.rest(), b"");
    say(&mut bob, "still there\n");
    say(&mut young, "here\n");
}

fn open_people(stage: &Stage, authorization: &str) -> Connection {
    let asking = Request::get("/people").with("Connection", "Upgrade");
    let asking = asking.with("Upgrade", "websocket").with("Authorization", authorization);
    let mut connection = stage.connect();
    connection.send(&asking.to_bytes());
    assert_eq!(connection.head().unwrap().status, 101);
    connection
}

pub(super) fn basic(name: &str) -> String {
    with_password(name, "open sesame, please")
}

fn with_password(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

#[test]
fn a_tunnel_ends_with_the_credential_that_opened_it() {
    let api = echoing();
    let settings = Settings {
        routes: "  - { name: keyed, paths: [/keyed], service: api, authenticate: [api_key] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, api);
    add_client(&stage.symbolon, "robot");
    let (one, two) =
        (add_key(&stage.symbolon, "robot", &[]), add_key(&stage.symbolon, "robot", &[]));
    let (mut first, mut second) = (open(&stage, &one), open(&stage, &two));
    say(&mut first, "one\n");
    say(&mut second, "two\n");
    stage.symbolon.run(&["client", "credential", "remove", "robot", "api-key-1"]);
    let ended = now();
    assert_eq!(first.rest(), b"");
    assert!(ended.elapsed() < IN_TIME, "{:?}", ended.elapsed());
    say(&mut second, "still there\n");
    // What else becomes of the client is no end of it.
    stage.symbolon.run(&["client", "groups", "robot", "staff"]);
    say(&mut second, "still there\n");
    stage.symbolon.run(&["client", "disable", "robot"]);
    assert_eq!(second.rest(), b"");
}

#[test]
fn who_is_let_in_again_at_once_has_no_tunnel_of_before() {
    let settings = Settings {
        routes: "  - { name: keyed, paths: [/keyed], service: api, authenticate: [api_key] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, echoing());
    add_client(&stage.symbolon, "robot");
    add_client(&stage.symbolon, "other");
    let (key, others) =
        (add_key(&stage.symbolon, "robot", &[]), add_key(&stage.symbolon, "other", &[]));
    let (mut before, mut other) = (open(&stage, &key), open(&stage, &others));
    stage.symbolon.run(&["client", "disable", "robot"]);
    stage.symbolon.run(&["client", "enable", "robot"]);
    let mut after = open(&stage, &key);
    let ended = now();
    assert_eq!(before.rest(), b"");
    assert!(ended.elapsed() < IN_TIME, "{:?}", ended.elapsed());
    say(&mut after, "here\n");
    say(&mut other, "here\n");
}

/// A tunnel of whoever shows all of these.
fn open_with(stage: &Stage, path: &str, shown: &[(&str, &str)]) -> Connection {
    let asking = Request::get(path).with("Connection", "Upgrade").with("Upgrade", "websocket");
    let asking = shown.iter().fold(asking, |asking, (name, value)| asking.with(name, value));
    let mut connection = stage.connect();
    connection.send(&asking.to_bytes());
    assert_eq!(connection.head().unwrap().status, 101);
    connection
}

#[test]
fn a_tunnel_that_two_proofs_opened_ends_with_either() {
    let settings = Settings {
        routes: "  - { name: both, paths: [/both], service: api, authenticate: { all: [basic, api_key] } }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, echoing());
    stage.symbolon.add_user("alice", &[]);
    stage.symbolon.add_user("bob", &[]);
    add_client(&stage.symbolon, "robot");
    let (one, two) =
        (add_key(&stage.symbolon, "robot", &[]), add_key(&stage.symbolon, "robot", &[]));
    let open = |name: &str, key: &str| {
        let shown = [("Authorization", &*basic(name)), ("apikey", key)];
        open_with(&stage, "/both", &shown)
    };
    let (mut alice, mut bob, mut other) =
        (open("alice", &one), open("bob", &one), open("bob", &two));
    stage.symbolon.run(&["user", "disable", "alice"]);
    assert_eq!(alice.rest(), b"");
    say(&mut bob, "still there\n");
    stage.symbolon.run(&["client", "credential", "remove", "robot", "api-key-1"]);
    assert_eq!(bob.rest(), b"");
    say(&mut other, "still there\n");
}

#[test]
fn another_credential_of_its_name_keeps_no_tunnel_open() {
    let settings = Settings {
        routes: "  - { name: keyed, paths: [/keyed], service: api, authenticate: [api_key] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, echoing());
    add_client(&stage.symbolon, "robot");
    let mut tunnel = open(&stage, &add_key(&stage.symbolon, "robot", &["--id", "only"]));
    stage.symbolon.run(&["client", "credential", "remove", "robot", "only"]);
    let mut next = open(&stage, &add_key(&stage.symbolon, "robot", &["--id", "only"]));
    assert_eq!(tunnel.rest(), b"");
    say(&mut next, "still there\n");
}

#[test]
fn a_tunnel_of_a_token_that_rests_on_no_credential_ends_with_the_client() {
    let settings = Settings {
        routes: "  - { name: tokens, paths: [/tokens], service: api, authenticate: [jwt] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, echoing());
    add_client(&stage.symbolon, "robot");
    let token = stage.symbolon.run(&["client", "jwt", "robot", "--lifetime", "900"]);
    let bearer = format!("Bearer {}", token.trim());
    let mut tunnel = open_with(&stage, "/tokens", &[("Authorization", &bearer)]);
    say(&mut tunnel, "there\n");
    stage.symbolon.run(&["client", "disable", "robot"]);
    assert_eq!(tunnel.rest(), b"");
}

#[test]
fn an_account_that_is_disabled_while_the_service_makes_up_its_mind_has_no_tunnel() {
    let (asked, is_asked) = sync_channel(1);
    let (go, may_go) = sync_channel(1);
    let may_go = Mutex::new(may_go);
    let slow = Upstream::scripted(move |peer| {
        if peer.request().is_some() {
            asked.send(()).unwrap();
            may_go.lock().recv().unwrap();
            peer.write(SWITCHING);
            peer.echo();
        }
    });
    let settings = Settings {
        routes: "  - { name: people, paths: [/people], service: api, authenticate: [basic] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, slow);
    stage.symbolon.add_user("alice", &[]);
    let asking = Request::get("/people").with("Connection", "Upgrade");
    let asking = asking.with("Upgrade", "websocket").with("Authorization", &basic("alice"));
    let mut tunnel = stage.connect();
    tunnel.send(&asking.to_bytes());
    is_asked.recv().unwrap();
    stage.symbolon.run(&["user", "disable", "alice"]);
    go.send(()).unwrap();
    assert_eq!(tunnel.head().unwrap().status, 101);
    assert_eq!(tunnel.rest(), b"");
}
