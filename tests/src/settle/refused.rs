//! Changes that a service may not make turn its whole answer into an error, and change nothing.

use serde_json::json;

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::answer::{changing_session, patch};
use crate::harness::upstream::{Received, Upstream};

/// A service that sends back what the request's `X-Change` says.
fn obedient() -> Upstream {
    Upstream::answering(|request: &Received| {
        changing_session(request.headers().get("x-change").unwrap_or_default())
    })
}

#[test]
fn what_is_not_allowed_or_not_understood_is_502() {
    let stage = Stage::with(obedient());
    let mut alice = stage.alice();
    let long = "x".repeat(17 * 1024);
    for change in [
        patch(&json!({ "roles": ["admin"] })),
        patch(&json!({ "cart": {}, "admin": true })),
        patch(&json!({ "Cart": {} })),
        patch(&json!(["cart"])),
        patch(&json!("cart")),
        patch(&json!(null)),
        patch(&json!({ "cart": long })),
        "patch=:bm90IGpzb24=:".to_owned(),
        "patch=:!!!:".to_owned(),
        "patch=\"{}\"".to_owned(),
        "patch".to_owned(),
        "unknown".to_owned(),
        "rotate, unknown=1".to_owned(),
        "rotate=1".to_owned(),
        "end=yes".to_owned(),
        // What is said of a member and not understood is not half obeyed either.
        "end;generation=777".to_owned(),
        "rotate;generation=777".to_owned(),
        "end=?0;generation=777".to_owned(),
        // The first of them would be lost.
        format!("{}, {}", patch(&json!({ "cart": 1 })), patch(&json!({ "locale": "de" }))),
        "end=?0, end".to_owned(),
        // It would be kept as another number.
        "patch=:eyJjYXJ0IjoxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyM30=:".to_owned(),
        "((".to_owned(),
    ] {
        let answer = alice.send(Request::get("/api/x").with("X-Change", &change)).expect(502);
        assert_eq!(answer.json()["code"], "settle_refused", "{change}");
        assert_eq!(answer.header("symbolon-session"), None);
        assert_eq!(answer.set_cookie("symbolon"), None, "{change}");
    }
    alice.get("/other/x").expect(200);
    let claims = stage.other.last_request().claims();
    assert!(claims["session"].is_null() || claims["session"] == json!({}), "{claims}");
}

#[test]
fn a_service_without_writable_keys_writes_nothing() {
    let stage = Stage::with(obedient());
    let mut alice = stage.alice();
    let routes = patch(&json!({ "cart": 1 }));
    alice.send(Request::get("/api/x").with("X-Change", &routes)).expect(200);

    let other = Upstream::answering(move |_| changing_session(&patch(&json!({ "cart": 2 }))));
    let settings = crate::harness::settings::Settings {
        services: format!("  readonly: {{ targets: [http://{}] }}", other.address),
        routes: "  - { name: ro, paths: [/ro], service: readonly, authenticate: [session] }"
            .to_owned(),
        ..Default::default()
    };
    let stage = Stage::set(&settings, obedient());
    stage.alice().get("/ro").expect(502);
}

#[test]
fn without_a_session_there_is_nothing_to_change() {
    let stage = Stage::with(obedient());
    for change in [patch(&json!({ "cart": 1 })), "rotate".to_owned(), "end".to_owned()] {
        let answer = stage.exchange(&Request::get("/public/x").with("X-Change", &change));
        assert_eq!(answer.status, 502, "{change}");
        assert_eq!(answer.headers().all("set-cookie").count(), 0);
    }
}

#[test]
fn a_change_based_on_an_old_generation_is_a_conflict() {
    let stage = Stage::with(obedient());
    let mut alice = stage.alice();
    alice.get("/other/x").expect(200);
    let generation = stage.other.last_request().claims()["generation"].as_u64().unwrap();
    let change = |value: u32, generation: u64| {
        let change = format!("{};generation={generation}", patch(&json!({ "cart": value })));
        Request::get("/api/x").with("X-Change", &change)
    };
    alice.send(change(1, generation)).expect(200);
    let answer = alice.send(change(2, generation)).expect(409);
    assert_eq!(answer.json()["code"], "conflict");
    alice.get("/other/x").expect(200);
    let claims = stage.other.last_request().claims();
    assert_eq!(claims["session"]["cart"], 1);
    let newer = claims["generation"].as_u64().unwrap();
    alice.send(change(3, newer)).expect(200);
}
