//! What outlives a request does not outlive the credential that it was let in by.

use std::time::Duration;

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

#[test]
fn a_tunnel_ends_with_the_credential_that_opened_it() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(SWITCHING);
            peer.echo();
        }
    });
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
