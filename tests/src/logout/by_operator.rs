//! Sessions that an operator ends on the running server.

use crate::harness::stage::Stage;

#[test]
fn a_session_is_ended_by_its_id() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut bob = stage.newcomer("bob", &[]);
    alice.get("/api/x").expect(200);
    let sessions = stage.symbolon.list(&["session", "list", "--subject", "alice"]);
    let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!(session["subject"], "alice");
    let id = session["id"].as_str().unwrap();
    assert_eq!(stage.api.only_request().claims()["sid"], id);

    stage.symbolon.run(&["session", "end", id]);
    alice.get("/api/x").expect(401);
    bob.get("/api/x").expect(200);
    assert!(stage.symbolon.list(&["session", "list", "--subject", "alice"]).is_empty());
}

#[test]
fn all_sessions_of_somebody_are_ended() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut elsewhere = stage.visitor();
    elsewhere.log_in("alice");
    let mut bob = stage.newcomer("bob", &[]);
    stage.symbolon.run(&["session", "end", "--subject", "alice"]);
    alice.get("/api/x").expect(401);
    elsewhere.get("/api/x").expect(401);
    bob.get("/api/x").expect(200);
}

#[test]
fn a_disabled_account_is_out_at_once_and_stays_out() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/x").expect(200);
    stage.symbolon.run(&["user", "disable", "alice"]);
    alice.get("/api/x").expect(401);
    assert_eq!(stage.visitor().try_log_in("alice", "open sesame, please").unwrap().status, 422);
    stage.symbolon.run(&["user", "enable", "alice"]);
    alice.get("/api/x").expect(401);
    stage.visitor().log_in("alice");
}

#[test]
fn accounts_are_listed_without_their_passwords() {
    let stage = Stage::plain();
    stage.alice();
    let users = stage.symbolon.list(&["user", "list"]);
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["name"], "alice");
    assert_eq!(users[0]["roles"][0], "customer");
    assert!(!users[0].to_string().contains("argon2"), "{users:?}");
}

#[test]
fn a_weak_password_is_refused() {
    let stage = Stage::plain();
    for weak in ["", "short", "passwordpassword", "123456789012345", "weakweakweakweak"] {
        let output = stage.symbolon.command(&["user", "add", "weak", "--password-stdin"], weak);
        assert_eq!(output.status.code(), Some(1), "{weak}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains(weak) || weak.is_empty(), "the password is shown: {said}");
    }
    assert!(stage.symbolon.list(&["user", "list"]).is_empty());
}

#[test]
fn a_pulled_key_signs_nothing_more() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/x").expect(200);
    let kid_of = |keys: &[serde_json::Value]| {
        let signing = keys.iter().find(|key| key["state"] == "signing").unwrap();
        signing["id"].as_str().unwrap().to_owned()
    };
    let first = kid_of(&stage.symbolon.list(&["key", "list"]));
    assert!(stage.visitor().get("/auth/internal/jwks.json").text().contains(&first));
    stage.symbolon.run(&["key", "pull", &first]);

    let second = kid_of(&stage.symbolon.list(&["key", "list"]));
    assert_ne!(first, second);
    let key_set = stage.visitor().get("/auth/internal/jwks.json").expect(200);
    assert!(!key_set.text().contains(&first) && key_set.text().contains(&second));
    let pulled = stage.api.only_request();
    alice.get("/api/x").expect(200);
    assert_ne!(stage.api.last_request().token(), pulled.token());
}
