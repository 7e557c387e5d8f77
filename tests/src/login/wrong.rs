//! A wrong password and a person that does not exist look the same.

use crate::harness::http::Response;
use crate::harness::stage::Stage;
use crate::harness::symbolon::PASSWORD;

#[test]
fn nobody_learns_which_names_exist() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    stage.symbolon.add_user("gone", &[]);
    stage.symbolon.run(&["user", "disable", "gone"]);

    let refused = |name: &str, password: &str| {
        let mut visitor = stage.visitor();
        let answer = visitor.try_log_in(name, password).unwrap();
        assert!(answer.set_cookie("symbolon").is_none(), "{answer:?}");
        answer
    };
    let wrong = refused("alice", "not the password at all");
    assert_eq!(wrong.status, 422);
    let shown = without_secrets(&wrong, "alice");
    for (name, password) in [
        ("nobody", "not the password at all"),
        ("gone", PASSWORD),
        ("gone", "not the password at all"),
        ("alice", ""),
        ("alice", &PASSWORD.to_uppercase()),
        ("alice", &format!("{PASSWORD} ")),
        ("alice", &"x".repeat(5000)),
        ("no such name, and no possible one", PASSWORD),
    ] {
        let answer = refused(name, password);
        assert_eq!(answer.status, 422, "{name}");
        assert_eq!(without_secrets(&answer, name), shown, "{name}");
    }
}

#[test]
fn a_wrong_password_is_not_shown_again() {
    let stage = Stage::plain();
    let mut visitor = stage.visitor();
    let answer = visitor.try_log_in("alice", "a very secret guess").unwrap();
    assert!(!answer.text().contains("a very secret guess"), "{}", answer.text());
}

#[test]
fn what_was_typed_is_escaped() {
    let stage = Stage::plain();
    let mut visitor = stage.visitor();
    let answer = visitor.try_log_in("\"><script>alert(1)</script>", "x").unwrap();
    assert!(!answer.text().contains("<script"), "{}", answer.text());
}

#[test]
fn names_are_one_name_in_any_case() {
    let stage = Stage::plain();
    stage.symbolon.add_user("Alice", &[]);
    let again = ["user", "add", "aLICE", "--password-stdin"];
    assert!(!stage.symbolon.command(&again, PASSWORD).status.success());
    let mut visitor = stage.visitor();
    visitor.log_in("ALICE");
    visitor.get("/api/x").expect(200);
    assert_eq!(stage.api.only_request().claims()["sub"], "alice");
}

/// The page without what differs in every answer: the token against forgery and the name.
fn without_secrets(answer: &Response, name: &str) -> String {
    let page = answer.text();
    let fields = crate::harness::html::hidden_fields(page, "/auth/login");
    let csrf = &fields.iter().find(|(name, _)| name == "csrf").unwrap().1;
    page.replace(csrf.as_str(), "CSRF").replace(&format!("value=\"{name}\""), "value=\"NAME\"")
}
