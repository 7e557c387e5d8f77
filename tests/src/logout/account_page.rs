//! The account page: people see where they are logged in, and end what they do not recognise.

use crate::harness::html::all_hidden_fields;
use crate::harness::http::Request;
use crate::harness::stage::Stage;

const END: &str = "/auth/account/sessions/end";

#[test]
fn a_session_is_ended_from_another_one() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut elsewhere = stage.visitor();
    elsewhere.log_in("alice");
    elsewhere.get("/api/x").expect(200);

    let page = alice.open("/auth/account").expect(200);
    assert!(page.text().contains("127.0.0.1"), "the place is missing");
    let rows = all_hidden_fields(page.text(), END);
    assert_eq!(rows.len(), 2, "{}", page.text());
    // This one stands first.
    alice.send(Request::post(END).navigating().form(&rows[1])).expect(303);
    elsewhere.get("/api/x").expect(401);
    alice.get("/api/x").expect(200);
    assert_eq!(all_hidden_fields(alice.open("/auth/account").text(), END).len(), 1);
}

#[test]
fn nobody_ends_somebody_elses_session() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut bob = stage.newcomer("bob", &[]);
    let id_of = |fields: &[(String, String)]| {
        fields.iter().find(|(name, _)| name == "id").unwrap().1.clone()
    };
    let alices = all_hidden_fields(alice.open("/auth/account").text(), END);
    let mut bobs = all_hidden_fields(bob.open("/auth/account").text(), END).remove(0);
    for field in &mut bobs {
        if field.0 == "id" {
            field.1 = id_of(&alices[0]);
        }
    }
    bob.send(Request::post(END).form(&bobs)).expect(404);
    alice.get("/api/x").expect(200);
}

#[test]
fn whoever_is_not_logged_in_sees_no_account() {
    let stage = Stage::plain();
    let mut visitor = stage.visitor();
    let answer = visitor.open("/auth/account").expect(303);
    assert_eq!(answer.header("location"), Some("/auth/login?return_to=/auth/account"));
    visitor.get("/auth/account").expect(401);
    visitor.send(Request::post(END).body(b"id=x")).expect(415);
}
