//! The four kinds of calls, and the ways in which they end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use serde_json::json;

use super::peers::{Outcome, Service, call, command, metadata, stage};
use crate::harness::upstream::claims_of;

#[test]
fn all_four_kinds_of_calls_come_through() {
    let service = Service::start();
    let stage = stage(&service, "none", "");
    assert_eq!(*call(&stage, "unary", "Unary", &["abc"]).value(), json!("cba"));
    assert_eq!(
        *call(&stage, "server_stream", "ServerStream", &["3"]).value(),
        json!(["0", "1", "2"])
    );
    assert_eq!(*call(&stage, "client_stream", "ClientStream", &["a,bb,ccc"]).value(), "3 6");
    // In turns: nothing is held back in either direction.
    let turns = call(&stage, "bidi", "Bidi", &["one,two,three"]);
    assert_eq!(*turns.value(), json!(["ONE", "TWO", "THREE"]));
}

#[test]
fn the_service_gets_the_internal_token_as_metadata_and_the_caller_nothing_internal() {
    let service = Service::start();
    let stage = stage(&service, "[session, bearer]", "");
    let alice = stage.alice();
    let bearer = format!("authorization=Bearer {}", alice.token());
    let words = ["abc", "30", &bearer, "x-user=root", "x-custom=kept"];
    let outcome = call(&stage, "unary", "Unary", &words);
    assert_eq!(*outcome.value(), json!("cba"));
    let seen = service.wait_for("call", "Unary");
    let given = |name| metadata(&seen["metadata"], name);
    let token = given("authorization").unwrap().strip_prefix("Bearer ").unwrap();
    let claims = claims_of(token);
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!("alice"), &json!("echo")));
    assert_eq!((given("x-user"), given("x-custom")), (None, Some("kept")));
    assert_eq!(
        (outcome.initial("x-initial"), outcome.trailing("x-trailing")),
        (Some("1"), Some("2"))
    );
    assert_eq!(outcome.initial("symbolon-session"), None);
    assert_eq!(outcome.trailing("x-leak"), None, "{outcome:?}");
    // `end=?0` asked for nothing, and the session lives.
    assert_eq!(*call(&stage, "unary", "Unary", &["abc", "30", &bearer]).value(), json!("cba"));
}

#[test]
fn an_error_of_the_service_is_told_as_it_is() {
    let service = Service::start();
    let stage = stage(&service, "none", "");
    let outcome = call(&stage, "unary", "Fail", &["x"]);
    assert_eq!((outcome.code(), outcome.details()), ("FAILED_PRECONDITION", "nö, 50%"));
    assert_eq!(call(&stage, "unary", "Missing", &["x"]).code(), "UNIMPLEMENTED");
}

#[test]
fn a_deadline_reaches_the_service_and_ends_the_call() {
    let service = Service::start();
    let stage = stage(&service, "none", "");
    let outcome = call(&stage, "unary", "Slow", &["x", "0.5"]);
    assert_eq!(outcome.code(), "DEADLINE_EXCEEDED");
    let remaining = service.wait_for("call", "Slow")["remaining"].as_f64().unwrap();
    assert!((0.0..0.6).contains(&remaining), "{remaining}");
    service.wait_for("over", "Slow");
}

#[test]
fn a_cancelled_call_is_cancelled_at_the_service() {
    let service = Service::start();
    let stage = stage(&service, "none", "");
    let mut command = command(&stage, "cancelled", "Slow", &["x"]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut client = piped.spawn().unwrap();
    let seen = service.wait_for("call", "Slow");
    assert!(seen["remaining"].as_f64().unwrap() > 5.0, "{seen}");
    writeln!(client.stdin.take().unwrap()).unwrap();
    service.wait_for("over", "Slow");
    let lines = BufReader::new(client.stdout.take().unwrap()).lines();
    let outcome = Outcome::of(&lines.last().unwrap().unwrap());
    assert_eq!(outcome.code(), "CANCELLED");
    client.wait().unwrap();
}
