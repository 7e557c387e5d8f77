//! What outlives a request does not outlive the credential that it was let in by.

use std::fs;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

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
fn echoing() -> Upstream {
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

fn basic(name: &str) -> String {
    with_password(name, "open sesame, please")
}

fn with_password(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

#[test]
fn no_foreign_page_opens_a_tunnel_with_what_a_browser_shows_on_its_own() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("robot.key");
    fs::write(&file, "robot-key-0123456789").unwrap();
    let settings = Settings {
        sections: format!(
            "authenticators: {{ baked: {{ api_key: {{ cookie: key }} }} }}
clients:
  robot: {{ credentials: [{{ api_key: {{ secret_file: {}, foreign: true }} }}] }}",
            file.display()
        ),
        routes:
            "  - { name: any, paths: [/any], service: api, authenticate: [baked, basic, bearer] }"
                .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, echoing());
    let alice = stage.alice();
    let bearer = format!("Bearer {}", alice.token());
    for (origin, name, value, status) in [
        ("https://evil.test", "Cookie", "key=robot-key-0123456789", 401),
        ("https://evil.test", "Authorization", &*basic("alice"), 401),
        // No page can add this one to the opening of a WebSocket.
        ("https://evil.test", "Authorization", &*bearer, 101),
        ("http://shop.test", "Cookie", "key=robot-key-0123456789", 101),
        ("http://shop.test", "Authorization", &*basic("alice"), 101),
    ] {
        let asking = Request::get("/any").with("Connection", "Upgrade").with("Origin", origin);
        let asking = asking.with("Upgrade", "websocket").with(name, value);
        let mut connection = stage.connect();
        connection.send(&asking.to_bytes());
        let answer = connection.head().unwrap();
        assert_eq!(answer.status, status, "{origin} {name}: {answer:?}");
    }
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
