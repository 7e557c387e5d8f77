//! Session data: written by the services that may, read by all, in the next token already.

use serde_json::json;

use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{changing_session, patch};

/// Asks for what the path says: `/api/patch` merges a patch, everything else nothing.
fn service() -> Upstream {
    Upstream::answering(|request| match request.target() {
        "/api/set" => changing_session(&patch(&json!({ "cart": { "a": 1 }, "locale": "de" }))),
        "/api/more" => changing_session(&patch(&json!({ "cart": { "b": { "c": [1, 2] } } }))),
        "/api/remove" => changing_session(&patch(&json!({ "cart": { "a": null } }))),
        "/api/empty" => changing_session(""),
        "/api/nothing" => changing_session(&patch(&json!({}))),
        _ => changing_session(&patch(&json!({ "locale": null }))),
    })
}

#[test]
fn a_patch_is_merged_and_in_the_next_token() {
    let stage = Stage::with(service());
    let mut alice = stage.alice();
    for (target, after) in [
        ("/api/set", json!({ "cart": { "a": 1 }, "locale": "de" })),
        ("/api/more", json!({ "cart": { "a": 1, "b": { "c": [1, 2] } }, "locale": "de" })),
        ("/api/remove", json!({ "cart": { "b": { "c": [1, 2] } }, "locale": "de" })),
        ("/api/empty", json!({ "cart": { "b": { "c": [1, 2] } }, "locale": "de" })),
        ("/api/nothing", json!({ "cart": { "b": { "c": [1, 2] } }, "locale": "de" })),
        ("/api/last", json!({ "cart": { "b": { "c": [1, 2] } } })),
    ] {
        let answer = alice.get(target).expect(200);
        assert_eq!(answer.header("symbolon-session"), None);
        // Another service sees it at once.
        alice.get("/other/x").expect(200);
        assert_eq!(stage.other.last_request().claims()["session"], after, "{target}");
    }
}

#[test]
fn sessions_do_not_see_each_others_data() {
    let stage = Stage::with(service());
    let mut alice = stage.alice();
    let mut bob = stage.newcomer("bob", &[]);
    alice.get("/api/set").expect(200);
    bob.get("/other/x").expect(200);
    let claims = stage.other.last_request().claims();
    assert!(claims["session"].is_null() || claims["session"] == json!({}), "{claims}");
}

#[test]
fn data_outlive_a_rotated_token_but_not_the_session() {
    let stage = Stage::with(service());
    let mut alice = stage.alice();
    alice.get("/api/set").expect(200);
    alice.log_out();
    alice.log_in("alice");
    alice.get("/other/x").expect(200);
    let claims = stage.other.last_request().claims();
    assert!(claims["session"].is_null() || claims["session"] == json!({}), "{claims}");
}
