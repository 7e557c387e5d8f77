//! Whose password was wrong is on record, and never what else was typed into the field of the name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::wait_for;
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// A password that somebody typed as a name.
const TYPED: &str = "canary-in-the-name";

fn scene() -> Stage {
    let settings = Settings {
        routes: "
  - { name: basic, paths: [/basic], service: api, authenticate: [basic] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let symbolon = &stage.symbolon;
    symbolon.add_user("alice", &[]);
    symbolon.run(&["client", "add", "reporting"]);
    let words = ["client", "credential", "add", "reporting", "basic", "--username", "reports"];
    symbolon.run_with(&[&words[..], &["--password-stdin"]].concat(), "a password of a machine");
    stage
}

fn try_in(stage: &Stage, name: &str, password: &str) {
    let pair = STANDARD.encode(format!("{name}:{password}"));
    let request = Request::get("/basic").with("Authorization", &format!("Basic {pair}"));
    stage.exchange(&request).expect(401);
}

/// What is listed of refusals about somebody.
fn about(stage: &Stage, name: &str) -> Vec<Value> {
    let words = ["audit", "list", "--kind", "refused", "--about", name, "--json"];
    let listed = stage.symbolon.run(&words);
    listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_wrong_basic_password_is_found_by_whose_it_was() {
    let stage = scene();
    try_in(&stage, "Alice", "x");
    try_in(&stage, "reports", "x");
    try_in(&stage, TYPED, "x");
    // Observations are written together: with the last of them all are there.
    wait_for(&stage, "refused", |one| one["subject"] == "alice");
    wait_for(&stage, "refused", |one| one["client"] == "reporting");
    let is_nobodys = |one: &Value| one["subject"].is_null() && one["client"].is_null();
    let unknown = wait_for(&stage, "refused", is_nobodys);
    assert_eq!(unknown["detail"]["authenticator"], "basic");
    let of_alice = about(&stage, "alice");
    assert_eq!(of_alice.len(), 1, "{of_alice:?}");
    // Whoever does not know the password is not alice.
    let record = &of_alice[0];
    assert_eq!((&record["actor"], &record["outcome"]), (&json!("nobody"), &json!("failure")));
    assert_eq!(record["detail"]["failure"], "wrong");
    let of_client = about(&stage, "reporting");
    assert_eq!(of_client.len(), 1, "{of_client:?}");
    assert_eq!(of_client[0]["detail"]["credential"], "basic-1");
    assert_eq!(of_client[0]["actor"], "nobody");
    let everything = stage.symbolon.run(&["audit", "export"]);
    assert!(!everything.contains(TYPED), "{everything}");
}
