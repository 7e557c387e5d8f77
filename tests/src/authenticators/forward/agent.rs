//! A policy agent: what it is told, and what its decisions mean.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{get, stage};
use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

/// A gateway and an agent whose next decision is what the test puts there.
fn agent(further: &str) -> (Upstream, Stage, Arc<Mutex<String>>) {
    let next = Arc::new(Mutex::new("{}".to_owned()));
    let told = Arc::clone(&next);
    let guard = Upstream::answering(move |_| {
        answer::with("200 OK", &[("Content-Type", "application/json")], &told.lock())
    });
    let further = format!("      form: opa\n{further}");
    let stage = stage(&format!("http://{}/v1/data/shop", guard.address), &further);
    (guard, stage, next)
}

#[test]
fn a_policy_agent_is_told_of_the_request_and_decides() {
    let further = "      request_headers: [x-tenant]
      upstream_headers: [x-plan]
      client_headers: [x-reason, content-type]
      client_body: true
";
    let (guard, stage, next) = agent(further);
    let rows: &[(Value, u16)] = &[
        (json!({ "result": true }), 200),
        (json!({ "result": { "allow": true } }), 200),
        (json!({ "result": false }), 403),
        (json!({ "result": { "allow": false } }), 403),
        // An undefined decision is a no.
        (json!({}), 403),
        (json!({ "result": {} }), 403),
        (json!({ "result": { "allow": false, "status_code": 401 } }), 401),
        (json!({ "result": { "allow": false, "status_code": 429 } }), 429),
        (json!({ "result": "true" }), 503),
        (json!({ "result": 1 }), 503),
        (json!({ "result": [true] }), 503),
        (json!({ "result": { "allow": "yes" } }), 503),
        (json!({ "result": { "allow": 1 } }), 503),
        (json!({ "result": { "allow": false, "status_code": 200 } }), 503),
        (json!({ "result": { "allow": true, "headers": { "x-plan": "a\r\nx-user: root" } } }), 503),
        (json!([true]), 503),
    ];
    for (decision, status) in rows {
        *next.lock() = decision.to_string();
        let hits = stage.api.hits();
        let told = stage.exchange(&Request::get("/guarded").with("X-Plan", "gold"));
        assert_eq!(told.status, *status, "{decision}");
        let reached = stage.api.hits() - hits;
        assert_eq!(reached, usize::from(*status == 200), "{decision}");
        if reached == 1 {
            assert!(!stage.api.last_request().headers().has("x-plan"), "{decision}");
        }
    }
    *next.lock() = "{\"result\":true,\"result\":false}".to_owned();
    get(&stage, "/guarded").expect(503);
    *next.lock() =
        json!({ "result": { "allow": true, "headers": { "x-plan": "free" } } }).to_string();
    let request = Request::get("/guarded/a?b=c&b=d").with("X-Tenant", "one").with("X-Plan", "gold");
    stage.exchange(&request).expect(200);
    assert_eq!(stage.api.last_request().headers().get("x-plan"), Some("free"));
    let question = guard.last_request();
    assert_eq!((question.method(), question.target()), ("POST", "/v1/data/shop"));
    let document: Value = serde_json::from_str(question.message.text()).unwrap();
    let request = &document["input"]["request"];
    assert_eq!((&request["method"], &request["path"]), (&json!("GET"), &json!("/guarded/a")));
    assert_eq!(request["query"], json!({ "b": ["c", "d"] }));
    assert_eq!(request["headers"], json!({ "x-tenant": "one" }));
    assert_eq!(document["input"]["route"]["name"], "guarded");
    *next.lock() = json!({ "result": {
        "allow": false, "reason": "too late", "headers": { "x-reason": "late", "x-secret": "no" },
    } })
    .to_string();
    let told = get(&stage, "/guarded").expect(403);
    assert_eq!((told.text(), told.header("x-reason")), ("too late", Some("late")));
    assert!(!told.headers().has("x-secret"));
}
