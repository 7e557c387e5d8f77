//! An orderly end and a new start: nobody is logged out, nobody is cut off.

use std::process::Command;
use std::sync::mpsc;
use std::thread;

use parking_lot::Mutex;
use serde_json::json;

use crate::harness::http::{Connection, Request};
use crate::harness::patience::{PATIENCE, eventually};
use crate::harness::program;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::surroundings;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{changing_session, ok, patch};

#[test]
fn a_restart_keeps_everybody_logged_in() {
    let api = Upstream::answering(|request| match request.target() {
        "/api/set" => changing_session(&patch(&json!({ "cart": { "a": 1 } }))),
        _ => ok("{}"),
    });
    let mut stage = Stage::with(api);
    let mut alice = stage.alice();
    alice.get("/api/set").expect(200);
    let mut gone = stage.visitor();
    gone.log_in("alice");
    let ended = gone.clone();
    gone.log_out();
    let keys = stage.symbolon.list(&["key", "list"]);

    assert!(stage.symbolon.stop().success());
    stage.symbolon.start_again();
    alice.address = stage.symbolon.address;
    alice.get("/api/x").expect(200);
    let claims = stage.api.last_request().claims();
    assert_eq!(claims["session"]["cart"]["a"], 1);
    stage.exchange(&ended.dress(Request::get("/api/x"))).expect(401);
    assert_eq!(stage.symbolon.list(&["key", "list"]), keys, "services would not know the new key");
}

#[test]
fn requests_under_way_are_finished_and_new_ones_go_elsewhere() {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let api = Upstream::answering(move |_| {
        may_go_on.lock().recv_timeout(PATIENCE).unwrap();
        ok("slow")
    });
    let mut stage = Stage::with(api);
    let address = stage.symbolon.address;
    let mut slow = stage.connect();
    slow.send(&Request::get("/public/slow").to_bytes());
    stage.api.wait_for_hits(1);
    let mut idle = stage.connect();

    thread::scope(|scope| {
        let stopping = scope.spawn(|| stage.symbolon.stop());
        // An idle connection is let go as soon as the end has begun.
        idle.rest();
        // Each worker hears of the end by itself, the last one a moment after the first.
        eventually("nothing to be accepted any more", || is_refused(address).then_some(()));
        go_on.send(()).unwrap();
        let answer = slow.response().expect(200);
        assert_eq!(answer.text(), "slow");
        assert!(stopping.join().unwrap().success());
    });
}

/// A connection that the kernel still takes is closed without an answer.
fn is_refused(address: std::net::SocketAddr) -> bool {
    Connection::open(address)
        .and_then(|mut connection| connection.try_exchange(&Request::get("/nowhere")))
        .is_err()
}

#[test]
fn a_request_that_never_ends_does_not_hold_the_end_up_for_ever() {
    let settings = Settings { sections: "limits: { drain: 1s }".to_owned(), ..Settings::default() };
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    });
    let mut stage = Stage::set(&settings, api);
    let mut stuck = stage.connect();
    stuck.send(&Request::get("/public/stuck").to_bytes());
    stage.api.wait_for_hits(1);
    assert!(stage.symbolon.stop().success());
}

#[test]
fn a_second_server_on_the_same_data_does_not_start() {
    let stage = Stage::plain();
    let output = stage.symbolon.command(&["serve"], "");
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn an_address_that_is_taken_is_told() {
    let stage = Stage::plain();
    let settings = Settings { address: stage.symbolon.address.to_string(), ..Settings::default() };
    let yaml = settings.yaml(stage.api.address, stage.other.address);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("symbolon.yaml");
    std::fs::write(&file, yaml.replace("FOLDER", folder.path().to_str().unwrap())).unwrap();
    let mut second = Command::new(surroundings::symbolon());
    let output = program::run(second.arg("serve").arg("-c").arg(file), "");
    assert_eq!(output.status.code(), Some(66), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(&settings.address), "{said}");
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn the_command_line_works_without_a_server() {
    let mut stage = Stage::plain();
    let mut alice = stage.alice();
    stage.symbolon.stop();
    stage.symbolon.add_user("bob", &[]);
    assert_eq!(stage.symbolon.list(&["user", "list"]).len(), 2);
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
    stage.symbolon.run(&["session", "end", "--subject", "alice"]);
    stage.symbolon.start_again();
    alice.address = stage.symbolon.address;
    alice.get("/api/x").expect(401);
    stage.visitor().log_in("bob");
}

#[test]
fn files_with_secrets_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::plain();
    stage.alice();
    let data = stage.symbolon.folder().join("data");
    let mut seen = 0;
    for entry in std::fs::read_dir(data).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", entry.path().display());
        seen += 1;
    }
    assert!(seen >= 3, "only {seen} files");
}
