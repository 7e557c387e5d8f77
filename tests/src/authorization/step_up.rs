//! Known, but not strongly or not lately enough: RFC 9470 for programs, the log-in page for people.

use serde_json::json;

use super::scene::Scene;
use crate::harness::http::Request;
use crate::harness::patience::eventually;

const ROUTES: &str = "
  - name: fresh
    paths: [/fresh]
    service: api
    authenticate: [session, bearer]
    authorize: { max_age: 1s }
  - name: strong
    paths: [/strong]
    service: api
    authenticate: [session, bearer]
    authorize: { acr: mfa, max_age: 15m }
  - name: strict
    paths: [/strict]
    service: api
    authenticate: [session]
    when_unauthenticated: reject
    authorize: { acr: mfa }";

#[test]
fn a_program_is_told_what_is_missing_as_rfc_9470_writes_it() {
    let scene = Scene::new("", ROUTES, &[]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    let bearer = format!("Bearer {}", alice.token());
    let with_bearer = Request::get("/strong").navigating().with("Authorization", &bearer);
    for answer in [alice.get("/strong"), scene.stage.exchange(&with_bearer)] {
        let answer = answer.expect(401);
        assert_eq!(
            answer.header("www-authenticate"),
            Some(
                "Bearer realm=\"symbolon\", error=\"insufficient_user_authentication\", \
                 acr_values=\"mfa\", max_age=\"900\""
            )
        );
        assert_eq!(answer.set_cookie("symbolon"), None, "the session goes on: {answer:?}");
    }
    assert_eq!(alice.get("/strong").json()["code"], "insufficient_user_authentication");
    alice.open("/strict").expect(401);
    assert_eq!(scene.stage.api.hits(), 0);
    alice.get("/api/x").expect(200);
}

#[test]
fn a_person_is_asked_for_the_password_again_and_goes_on_in_their_session() {
    let scene = Scene::new("", ROUTES, &[]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.get("/fresh/1").expect(200);
    let before = scene.stage.api.last_request().claims();
    let old = alice.token().to_owned();
    let answer = eventually("a log-in that is too old", || {
        let answer = alice.get("/fresh/1");
        (answer.status == 401).then_some(answer)
    });
    assert_eq!(
        answer.header("www-authenticate"),
        Some(
            "Bearer realm=\"symbolon\", error=\"insufficient_user_authentication\", max_age=\"1\""
        )
    );
    let answer = alice.open("/fresh/1?a=b").expect(303);
    let login = "/auth/login?return_to=/fresh/1%3Fa%3Db&max_age=1";
    assert_eq!(answer.header("location"), Some(login));
    // Whoever is logged in is not sent straight back, or it would never end.
    let page = alice.open(login).expect(200);
    assert!(page.text().contains("Please confirm"), "{}", page.text());
    let typed = [("username", "alice"), ("password", crate::harness::symbolon::PASSWORD)];
    let answer = alice.submit(&page, "/auth/login", &typed).expect(303);
    assert_eq!(answer.header("location"), Some("/fresh/1?a=b"));
    alice.get("/fresh/1").expect(200);
    let after = scene.stage.api.last_request().claims();
    assert_eq!(after["sid"], before["sid"]);
    assert!(after["auth_time"].as_i64() > before["auth_time"].as_i64(), "{after}");
    assert_eq!(after["acr"], json!("pwd"));
    let with_old = Request::get("/api/x").with("Cookie", &format!("symbolon={old}"));
    assert_ne!(alice.token(), old);
    scene.stage.exchange(&with_old).expect(401);
}

#[test]
fn a_person_is_told_what_no_password_can_give() {
    let scene = Scene::new("", ROUTES, &[]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    let answer = alice.open("/strong/1").expect(303);
    let login = "/auth/login?return_to=/strong/1&acr=mfa&max_age=900";
    assert_eq!(answer.header("location"), Some(login));
    let page = alice.open(login).expect(200);
    assert!(page.text().contains("stronger log-in than a password"), "{}", page.text());
    // What cannot be repeated is not come back to.
    let post = Request::post("/strong/1").navigating();
    let answer = alice.send(post).expect(303);
    assert_eq!(answer.header("location"), Some("/auth/login?acr=mfa&max_age=900"));
}

#[test]
fn the_order_of_classes_is_the_configuration_s() {
    let sections = "acr_order: [low, pwd, mfa]";
    let routes = "  - { name: low, paths: [/low], service: api, authenticate: [session], authorize: { acr: low } }";
    let scene = Scene::new(sections, routes, &[]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.get("/low").expect(200);
    scene.write("acr_order: [pwd, low]", routes);
    eventually("the other order", || (alice.get("/low").status == 401).then_some(()));
}
