//! A token from before a log-in is worth nothing after it.

use crate::harness::http::Request;
use crate::harness::stage::Stage;

#[test]
fn a_new_log_in_gives_a_new_token_and_ends_the_old_one() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let old = alice.clone();
    alice.log_in("alice");
    assert_ne!(old.token(), alice.token());
    stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);
    alice.get("/api/x").expect(200);
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
}

#[test]
fn a_planted_cookie_does_not_become_somebodys_session() {
    let stage = Stage::plain();
    let mallory = stage.newcomer("mallory", &[]);
    stage.symbolon.add_user("alice", &[]);
    // Mallory plants her cookies into alice's browser; then alice logs in.
    let mut alice = mallory.clone();
    alice.log_in("alice");
    assert_ne!(alice.token(), mallory.token());
    alice.get("/api/x").expect(200);
    assert_eq!(stage.api.only_request().claims()["sub"], "alice");
    let as_mallory = stage.exchange(&mallory.dress(Request::get("/api/x")));
    assert_eq!(as_mallory.status, 401, "the old token lives on: {as_mallory:?}");
}

#[test]
fn the_cookie_of_the_form_is_no_session_and_goes_with_the_log_in() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor();
    alice.open("/auth/login");
    assert_eq!(alice.cookie_names(), ["symbolon-login"]);
    alice.get("/api/x").expect(401);
    alice.log_in("alice");
    assert_eq!(alice.cookie_names(), ["symbolon", "symbolon-browser"]);
}

#[test]
fn changing_the_password_gives_a_new_token_and_ends_the_others() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut elsewhere = stage.visitor();
    elsewhere.log_in("alice");
    let old = alice.clone();

    let page = alice.open("/auth/account").expect(200);
    let new = "swordfish and marmalade";
    let typed = [("current", "open sesame, please"), ("new", new), ("end_others", "yes")];
    alice.submit(&page, "/auth/account/password", &typed).expect(303);
    alice.get("/api/x").expect(200);
    elsewhere.get("/api/x").expect(401);
    stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);

    let mut visitor = stage.visitor();
    assert_eq!(visitor.try_log_in("alice", "open sesame, please").unwrap().status, 422);
    visitor.try_log_in("alice", new).unwrap().expect(303);
}

#[test]
fn a_wrong_current_password_changes_nothing() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let page = alice.open("/auth/account").expect(200);
    for (current, new) in [
        ("not the password at all", "swordfish and marmalade"),
        ("open sesame, please", "password"),
        ("open sesame, please", "short"),
        ("open sesame, please", "passwordpassword"),
    ] {
        let typed = [("current", current), ("new", new)];
        alice.submit(&page, "/auth/account/password", &typed).expect(422);
    }
    stage.visitor().log_in("alice");
}
