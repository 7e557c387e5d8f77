//! What an explanation says, on the command line and at the admin listener.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::harness::http::{Request, exchange};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const KEY: &str = "robot-key-0123456789";

fn scene() -> (Stage, TempDir) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("robot.key"), KEY).unwrap();
    let place = folder.path().display();
    let settings = Settings {
        sections: format!(
            "clients:
  robot: {{ credentials: [{{ api_key: {{ secret_file: {place}/robot.key, foreign: true }} }}] }}"
        ),
        routes: "  - name: both
    paths: [/both]
    service: api
    authenticate: [session, api_key, bearer]
    authorize: { any_role: [admin], any_group: [night] }
"
        .to_owned(),
        ..Settings::default()
    };
    (Stage::set(&settings, Upstream::plain()), folder)
}

#[test]
fn the_command_says_which_route_authenticators_and_rules() {
    let (stage, _folder) = scene();
    let alice = stage.alice();
    let explain =
        |header: &str| stage.symbolon.run(&["explain", "GET", "/both/x?secret=1", "-H", header]);
    let told = explain(&format!("Cookie: symbolon={}", alice.token()));
    assert_eq!(
        told,
        "request        GET shop.test/both/x from 127.0.0.1
route          both
authenticator  session authenticated, alice
authenticator  api_key not asked
authenticator  bearer not asked
identity       alice by session
roles          customer
rule           any_role not met: none of the roles
rule           any_group not met: none of the groups
decision       refused with 403 forbidden by any_role: any_role: none of the roles
"
    );
    assert!(!told.contains(alice.token()));

    let told = explain("apikey: nobody's-key-0123456789");
    assert_eq!(
        told,
        "request        GET shop.test/both/x from 127.0.0.1
route          both
authenticator  session not offered
authenticator  api_key failed, unknown, unknown API key
authenticator  bearer not asked
decision       refused with 401 bad_credentials: unknown API key
"
    );
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn the_admin_listener_says_the_same() {
    let (stage, _folder) = scene();
    let host = stage.symbolon.admin.to_string();
    let ask = |body: &[u8]| {
        let request = Request::post("/v1/explain").with("Host", &host).body(body);
        exchange(stage.symbolon.admin, &request.with("Content-Type", "application/json"))
    };
    let question = json!({
        "method": "GET",
        "url": "http://shop.test/both",
        "headers": [["apikey", KEY]],
        "source": "192.0.2.7",
    });
    let told = ask(question.to_string().as_bytes()).expect(200).json();
    assert_eq!(told["source"], "192.0.2.7");
    assert_eq!(told["identity"]["client"], "robot");
    assert_eq!(told["authenticators"]["chain"], json!({ "any": ["session", "api_key", "bearer"] }));
    assert_eq!(told["status"], 403);
    assert!(!told.to_string().contains(KEY), "{told}");

    for (name, value) in [
        ("Origin", "https://evil.test"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Content-Type", "text/plain"),
    ] {
        let request = Request::post("/v1/explain").with("Host", &host);
        let request = if name == "Content-Type" {
            request.body(question.to_string().as_bytes())
        } else {
            request.json(&question)
        };
        exchange(stage.symbolon.admin, &request.with(name, value)).expect(400);
    }

    for bad in [
        json!({ "method": "GET", "url": "nowhere?key=hunter2" }),
        json!({ "method": "GET", "url": "/a b?key=hunter2" }),
        json!({ "method": "GET" }),
        json!({ "method": "GET", "url": "a b" }),
        json!({ "method": "G T", "url": "/" }),
        json!({ "method": "GET", "url": "/", "headers": [["a b", "hunter2"]] }),
        json!({ "method": "GET", "url": "/", "password": "hunter2" }),
    ] {
        let answer = ask(bad.to_string().as_bytes()).expect(400);
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
    }
}

#[test]
fn what_is_too_large_is_explained_as_that() {
    let settings = Settings {
        routes:
            "  - { name: small, paths: [/small], service: api, authenticate: none, max_body: 10B }"
                .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let explain = |words: &[&str]| stage.symbolon.run(&[&["explain"], words].concat());
    for (length, decision) in [
        ("Content-Length: 10", "decision       forward to api"),
        ("Content-Length: 11", "refused with 413 body_too_large"),
        ("Content-Length: eleven", "refused with 400 malformed"),
    ] {
        let told = explain(&["POST", "/small", "-H", length]);
        assert!(told.contains(decision), "{length}: {told}");
    }
    stage.exchange(&Request::post("/small").body(b"12345678901")).expect(413);

    let fields: Vec<String> = (0..100).map(|number| format!("X-{number}: 1")).collect();
    let many = fields
        .iter()
        .fold(vec!["GET", "/small"], |words, field| [words, vec!["-H", field]].concat());
    assert!(explain(&many).contains("refused with 431 head_too_large"), "{}", explain(&many));
    // One less, beside `Host`.
    assert!(explain(&many[..many.len() - 2]).contains("decision       forward to api"));
    let asked = fields.iter().fold(Request::get("/small"), |request, field| {
        let (name, value) = field.split_once(": ").unwrap();
        request.with(name, value)
    });
    stage.exchange(&asked).expect(431);
    let long = format!("X-Long: {}", "x".repeat(32 * 1024));
    let told = explain(&["GET", "/small", "-H", &long]);
    assert!(told.contains("refused with 431 head_too_large"), "{told}");
}

#[test]
fn nothing_is_left_behind() {
    let settings = Settings {
        routes: "  - name: limited
    paths: [/limited]
    service: api
    authenticate: [session]
    rate_limit: { requests: 1, per: 1h, by: principal }
"
        .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut alice = stage.alice();
    let cookie = format!("Cookie: symbolon={}", alice.token());
    let words = ["explain", "GET", "/limited", "-H", &cookie];
    for _ in 0..3 {
        assert!(stage.symbolon.run(&words).contains("decision       forward to api"));
    }
    alice.get("/limited").expect(200);
    assert!(stage.symbolon.run(&words).contains("refused with 429 rate_limited"));
    let log = stage.symbolon.access_log();
    log.wait_for("the request", |line| line.contains("/limited").then_some(()));
    let log = log.all();
    assert_eq!(log.iter().filter(|line| line.contains("/limited")).count(), 1);
}

#[test]
fn a_gateway_that_does_not_run_explains_its_file() {
    let (mut stage, _folder) = scene();
    stage.symbolon.stop();
    let key = format!("apikey: {KEY}");
    let words = ["explain", "GET", "/both", "-H", &key];
    let told = stage.symbolon.run(&words);
    assert!(told.contains("authenticator  api_key authenticated, robot"), "{told}");
}
