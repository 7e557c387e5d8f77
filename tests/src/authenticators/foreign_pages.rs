//! What a page of another origin gets by opening a WebSocket: nothing that its visitor's browser
//! shows on its own.

use std::fs;

use tempfile::TempDir;

use super::streams::{basic, echoing};
use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::visitor::Visitor;

/// A gateway with the client `robot`, whose key stands in a cookie, and with `alice`.
fn scene_of_browsers() -> (Stage, TempDir) {
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
        routes: "
  - { name: any, paths: [/any], service: api, authenticate: [baked, basic, bearer] }
  - { name: people, paths: [/people], service: api, authenticate: [session, bearer] }
  - { name: all, paths: [/all], service: api, authenticate: { any: [session], optional: true } }"
            .to_owned(),
        ..Settings::default()
    };
    (Stage::set(&settings, echoing()), folder)
}

/// What a page of `origin` is told that opens a WebSocket with this header.
fn opened(stage: &Stage, path: &str, origin: &str, (name, value): (&str, &str)) -> Response {
    let asking = Request::get(path).with("Connection", "Upgrade").with("Origin", origin);
    let asking = asking.with("Upgrade", "websocket").with(name, value);
    let mut connection = stage.connect();
    connection.send(&asking.to_bytes());
    connection.head().unwrap()
}

const OURS: &str = "http://shop.test";
const EVIL: &str = "https://evil.test";

#[test]
fn no_foreign_page_opens_a_tunnel_with_what_a_browser_shows_on_its_own() {
    let (stage, _folder) = scene_of_browsers();
    let alice = stage.alice();
    let (key, bearer) = ("key=robot-key-0123456789", format!("Bearer {}", alice.token()));
    for (origin, name, value, status) in [
        (EVIL, "Cookie", key, 401),
        (EVIL, "Authorization", &*basic("alice"), 401),
        // No page can add this one to the opening of a WebSocket.
        (EVIL, "Authorization", &*bearer, 101),
        (OURS, "Cookie", key, 101),
        (OURS, "Authorization", &*basic("alice"), 101),
        // Another scheme is another origin (RFC 6454 section 5).
        ("https://shop.test", "Cookie", key, 401),
    ] {
        let answer = opened(&stage, "/any", origin, (name, value));
        assert_eq!(answer.status, status, "{origin} {name}: {answer:?}");
    }
}

#[test]
fn a_foreign_page_keeps_nobody_out_who_shows_no_cookie() {
    let (stage, _folder) = scene_of_browsers();
    let alice = stage.alice();
    let (session, bearer) = (cookie(&alice), format!("Bearer {}", alice.token()));
    let people = |credential| opened(&stage, "/people", EVIL, credential);
    assert_eq!(people(("Cookie", &session)).status, 401);
    assert_eq!(people(("Authorization", &bearer)).status, 101);
    assert_eq!(stage.api.last_request().claims()["sub"], "alice");
}

#[test]
fn a_foreign_page_ends_no_session() {
    let (stage, _folder) = scene_of_browsers();
    let session = cookie(&stage.alice());
    for (path, origin, status, is_known) in [
        ("/people", EVIL, 401, false),
        // Anybody may; and the session that is not looked at goes on.
        ("/all", EVIL, 101, false),
        ("/all", OURS, 101, true),
    ] {
        let answer = opened(&stage, path, origin, ("Cookie", &session));
        assert_eq!(answer.status, status, "{path} {origin}: {answer:?}");
        assert!(!answer.headers().has("set-cookie"), "{path} {origin}: {answer:?}");
        let told = stage.api.requests().pop().filter(|_| status == 101);
        assert_eq!(told.is_some_and(|told| told.token().is_some()), is_known, "{path} {origin}");
    }
}

fn cookie(visitor: &Visitor) -> String {
    format!("symbolon={}", visitor.cookie("symbolon").unwrap())
}
