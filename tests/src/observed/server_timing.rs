//! `Server-Timing`: how long the stages took, for those who may know and for nobody else.

use std::fs;

use tempfile::TempDir;

use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::{Upstream, answer};

const OWN: &str = "db;dur=53;desc=\"a, b\"";

fn stage(sections: &str) -> Stage {
    stage_with(sections, "")
}

fn stage_with(sections: &str, routes: &str) -> Stage {
    let api = Upstream::answering(|_| answer::with("200 OK", &[("Server-Timing", OWN)], "ok"));
    let (sections, routes) = (sections.to_owned(), routes.to_owned());
    Stage::set(&Settings { sections, routes, ..Settings::default() }, api)
}

fn told(response: &Response) -> Vec<String> {
    response.headers().all("server-timing").map(str::to_owned).collect()
}

/// The names of the stages, each of which has a duration in milliseconds.
fn stages(value: &str) -> Vec<&str> {
    value
        .split(", ")
        .map(|stage| {
            let (name, took) = stage.split_once(";dur=").unwrap();
            assert!(took.parse::<f64>().is_ok_and(|took| took < 60_000.0), "{value}");
            name
        })
        .collect()
}

#[test]
fn nobody_is_told_by_default_and_the_service_says_what_it_likes() {
    let stage = stage("");
    let response = stage.exchange(&Request::get("/public/x"));
    assert_eq!(told(&response), [OWN]);
}

#[test]
fn who_has_the_role_is_told_and_nobody_else() {
    let stage = stage("telemetry: { server_timing: { any_role: [developer] } }");
    let mut alice = stage.alice();
    assert_eq!(told(&alice.get("/api/x")), [OWN]);
    let mut eve = stage.newcomer("eve", &["developer"]);
    let response = eve.get("/api/x");
    let [own, ours] = &told(&response)[..] else { panic!("{:?}", told(&response)) };
    assert_eq!(own, OWN);
    assert_eq!(stages(ours), ["auth", "upstream", "total"]);
    // Nobody is known on this route.
    assert_eq!(told(&stage.exchange(&Request::get("/public/x"))), [OWN]);
    // Nor is anything said of a refusal, or by the authentication service.
    assert!(told(&eve.get("/admin/x")).is_empty());
    assert!(told(&eve.get("/auth/account")).is_empty());
}

#[test]
fn a_role_counts_however_somebody_came_to_have_it() {
    let key = Symbolon::new_key();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("probe.key");
    fs::write(&file, &key).unwrap();
    let stage = stage_with(
        &format!(
            "telemetry: {{ server_timing: {{ any_role: [developer] }} }}
roles: {{ lead: {{ includes: [developer] }}, developer: {{}} }}
groups: {{ builders: {{ roles: [developer] }} }}
clients: {{ probe: {{ roles: [lead], credentials: [{{ api_key: {{ secret_file: {} }} }}] }} }}",
            file.display()
        ),
        "  - { name: keyed, paths: [/keyed], service: api, authenticate: [api_key] }",
    );
    let mut lead = stage.newcomer("lead", &["lead"]);
    assert_eq!(told(&lead.get("/api/x")).len(), 2, "by another role");
    let mut bob = stage.newcomer("bob", &[]);
    assert_eq!(told(&bob.get("/api/x")).len(), 1);
    stage.symbolon.run(&["user", "groups", "bob", "builders"]);
    assert_eq!(told(&bob.get("/api/x")).len(), 2, "by a group");
    let asking = Request::get("/keyed").with("apikey", &key);
    assert_eq!(told(&stage.exchange(&asking)).len(), 2, "a client");
}

#[test]
fn whoever_asks_is_told_where_that_is_said_but_not_how_long_a_refusal_took() {
    let stage = stage("telemetry: { server_timing: anyone }");
    assert_eq!(told(&stage.exchange(&Request::get("/public/x"))).len(), 2);
    assert!(told(&stage.exchange(&Request::get("/api/x"))).is_empty());
    assert!(told(&stage.exchange(&Request::get("/nowhere"))).is_empty());
    assert!(told(&stage.exchange(&Request::get("/auth/login"))).is_empty());
}

#[test]
fn addresses_that_may_know_are_told() {
    for (range, count) in [("127.0.0.0/8", 2), ("10.0.0.0/8", 1)] {
        let stage = stage(&format!("telemetry: {{ server_timing: {{ sources: [{range}] }} }}"));
        assert_eq!(told(&stage.exchange(&Request::get("/public/x"))).len(), count, "{range}");
    }
}
