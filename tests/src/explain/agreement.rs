//! Ten thousand requests, each explained first and then sent: what was said is what happens.

use serde_json::Value;

use super::scene::Scene;
use crate::harness::http::{Connection, Request, Response};
use crate::harness::random::Random;
use crate::harness::stage::Stage;

/// How many requests.
const COUNT: usize = 10_000;
#[test]
fn what_was_said_is_what_happens() {
    let scene = Scene::set();
    let stage = &scene.stage;
    let seed = 4;
    let mut random = Random::new(seed);
    let mut admin = Connection::to(stage.symbolon.admin);
    let host = stage.symbolon.admin.to_string();
    let mut gateway = stage.connect();
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..COUNT {
        let draft = scene.request(&mut random);
        let question = Request::post("/v1/explain").with("Host", &host).json(&draft.question());
        let told = admin.exchange(&question).expect(200).json();
        let hits = (stage.api.hits(), stage.other.hits());
        let response = gateway.exchange(&draft.request());
        let hits = (stage.api.hits() - hits.0, stage.other.hits() - hits.1);
        if response.header("connection") == Some("close") {
            gateway = stage.connect();
        }
        let kind = check(stage, &told, &response, hits);
        let kind = kind.unwrap_or_else(|why| panic!("{why}\n{draft:?}\n{told:#}\n{response:?}"));
        *kinds.entry(kind).or_default() += 1;
    }
    println!("{COUNT} requests with seed {seed}: {kinds:?}");
    // Every kind of outcome came about.
    for kind in [
        "forward",
        "answer",
        "no_credentials",
        "bad_credentials",
        "forbidden",
        "log_in",
        "no_route",
        "malformed",
        "rate_limited",
        "method_not_allowed",
        "insufficient_user_authentication",
        "insufficient_scope",
    ] {
        assert!(kinds.contains_key(kind), "{kind} never came about: {kinds:?}");
    }
}

/// What kind of outcome it was, if what was said of it is right.
fn check(
    stage: &Stage,
    told: &Value,
    response: &Response,
    hits: (usize, usize),
) -> Result<String, &'static str> {
    let decision = told["decision"].as_str().unwrap();
    if decision == "forward" {
        let service = match hits {
            (1, 0) => "api",
            (0, 1) => "other",
            _ => return Err("it was not forwarded"),
        };
        if told["service"] != service || response.status != 200 {
            return Err("it was forwarded to somebody else");
        }
        let upstream = if service == "api" { &stage.api } else { &stage.other };
        let request = upstream.last_request();
        let principal = &told["identity"]["principal"];
        let is_same = match request.headers().get("authorization") {
            // A client says so (docs/services.md), an end user has their bare name.
            Some(_) => {
                let claims = request.claims();
                let subject = claims["sub"].as_str().unwrap();
                *principal == *subject.strip_prefix("client:").unwrap_or(subject)
            }
            None => principal.is_null(),
        };
        return if is_same { Ok(decision.to_owned()) } else { Err("as somebody else") };
    }
    if hits != (0, 0) {
        return Err("it was forwarded");
    }
    if told["status"] != response.status {
        return Err("another status");
    }
    if decision == "answer" {
        return Ok(decision.to_owned());
    }
    let code = told["code"].as_str().unwrap();
    let is_problem = response.header("content-type") == Some("application/problem+json");
    if is_problem && response.json()["code"] != code {
        return Err("another code");
    }
    if is_problem && response.json()["authenticator"] != told["authenticator"] {
        return Err("the failure of another authenticator");
    }
    Ok(code.to_owned())
}
