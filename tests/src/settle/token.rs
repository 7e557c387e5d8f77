//! `rotate` and `end`: the session's token as a service changes it.

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{changing_session, ok};

fn service() -> Upstream {
    Upstream::answering(|request| match request.target() {
        "/api/rotate" => changing_session("rotate"),
        "/api/end" => changing_session("end"),
        _ => ok("{}"),
    })
}

#[test]
fn rotating_gives_a_new_token_and_the_old_one_is_dead() {
    let stage = Stage::with(service());
    let mut alice = stage.alice();
    let old = alice.clone();
    let answer = alice.get("/api/rotate").expect(200);
    let cookie = answer.set_cookie("symbolon").unwrap().to_lowercase();
    assert!(cookie.contains("httponly") && cookie.contains("samesite=lax"), "{cookie}");
    assert_ne!(old.token(), alice.token());
    stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);
    alice.get("/api/x").expect(200);
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
}

#[test]
fn ending_is_a_log_out() {
    let stage = Stage::with(service());
    let mut alice = stage.alice();
    let old = alice.clone();
    let answer = alice.get("/api/end").expect(200);
    assert!(answer.set_cookie("symbolon").unwrap().to_lowercase().contains("max-age=0"));
    stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);
    assert!(stage.symbolon.list(&["session", "list"]).is_empty());
}
