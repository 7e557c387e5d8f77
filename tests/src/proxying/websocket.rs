//! WebSocket between a client and a service of an independent implementation (RFC 6455):
//! `SYMBOLON_WEBSOCKET_MIB=1024` for a whole GiB each way.

use std::net::SocketAddr;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::program::{Program, run};
use crate::harness::python;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::surroundings::number;
use crate::harness::upstream::Upstream;
use crate::harness::visitor::COOKIE;

/// How much goes each way by default, in MiB.
const MIB: u64 = 64;
/// The most by which the gateway may grow, in kB.
const GROWTH_KB: u64 = 16 * 1024;

/// The gateway before the service (`tests/python/ws_server.py`), at `/open` for everybody and at
/// `/closed` for those who are logged in.
struct Scene {
    stage: Stage,
    service: Program,
}

impl Scene {
    fn start() -> Self {
        let service = Program::start(&mut python::script("ws_server.py"));
        let address: SocketAddr = service
            .stdout
            .wait_for("the address", |line| line.strip_prefix("listening on ")?.parse().ok());
        let settings = Settings {
            services: format!("  sockets: {{ targets: [http://{address}] }}"),
            routes: "  - { name: open, paths: [/open], service: sockets, authenticate: none }\n  \
                     - { name: closed, paths: [/closed], service: sockets, authenticate: [session] }"
                .to_owned(),
            ..Settings::default()
        };
        Self { stage: Stage::set(&settings, Upstream::plain()), service }
    }

    /// The command that opens one (`tests/python/ws_client.py`).
    fn command(&self, path: &str, words: &[&str]) -> Command {
        let mut command = python::script("ws_client.py");
        command.arg(self.stage.symbolon.address.to_string()).arg(path).args(words);
        command
    }

    /// Opens one and says what came of it.
    #[track_caller]
    fn client(&self, path: &str, words: &[&str]) -> Value {
        let output = run(&mut self.command(path, words), "");
        let text = String::from_utf8(output.stdout).unwrap();
        let last = text.lines().last();
        let last = last.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        serde_json::from_str(last).unwrap()
    }

    /// Waits until the service has seen the end of one.
    fn closed(&self) -> Value {
        self.service.stdout.wait_for("the end", |line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line["closed"].is_string().then_some(line)
        })
    }
}

#[test]
fn fragments_stay_what_they_are_and_pings_pass_between_them() {
    let scene = Scene::start();
    let told = scene.client("/open/echo", &["fragments"]);
    assert_eq!(told, json!({ "text": ["one ", "", "two ", "three"], "is_same": true }));
}

#[test]
fn pings_are_answered_by_the_other_end_in_both_directions() {
    let scene = Scene::start();
    let told = scene.client("/open/asking", &["pings"]);
    assert_eq!(told, json!({ "message": "you are", "is_answered": true }));
}

#[test]
fn either_end_closes_with_its_code_and_reason() {
    let scene = Scene::start();
    let told = scene.client("/open/echo", &["close", "4001", "went home"]);
    assert_eq!(told["code"], 4001, "{told}");
    let closed = scene.closed();
    assert_eq!(closed, json!({ "closed": "echo", "code": 4001, "reason": "went home" }));
    for code in ["1000", "1001", "1011", "4999"] {
        let told = scene.client("/open/closing", &["be_closed", code, "closing time"]);
        assert_eq!(told["code"].to_string(), code, "{told}");
        assert_eq!(told["reason"], "closing time", "{told}");
    }
}

#[test]
fn big_messages_take_no_memory() {
    let mib = number("SYMBOLON_WEBSOCKET_MIB", MIB);
    let scene = Scene::start();
    let before = scene.stage.symbolon.program().memory_kb("VmRSS");
    let told = scene.client("/open/volume", &["volume", &mib.to_string()]);
    assert_eq!(told, json!({ "up": mib << 20, "down": mib << 20 }));
    let peak = scene.stage.symbolon.program().memory_kb("VmHWM");
    println!("{mib} MiB each way: from {before} kB to {peak} kB at most");
    assert!(peak < before + GROWTH_KB, "it grew from {before} kB to {peak} kB");
}

#[test]
fn the_end_of_the_session_closes_it_for_both() {
    let scene = Scene::start();
    let refused = run(&mut scene.command("/closed/echo", &["wait", ""]), "");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("401"), "{refused:?}");
    let mut alice = scene.stage.alice();
    let cookie = format!("{COOKIE}={}", alice.token());
    let client = Program::start(&mut scene.command("/closed/echo", &["wait", &cookie]));
    client.stdout.wait_for("an open socket", |line| line.contains("open").then_some(()));
    alice.log_out();
    // No code: nobody who speaks WebSocket has closed it.
    let told = client.stdout.wait_for("the end", |line| {
        let line: Value = serde_json::from_str(line).ok()?;
        line["after"].is_number().then_some(line)
    });
    println!("closed after {} s", told["after"]);
    assert_eq!((&told["code"], &scene.closed()["code"]), (&Value::Null, &Value::Null));
}
