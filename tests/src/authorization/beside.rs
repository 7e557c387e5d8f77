//! A session that is proved beside somebody else's word is a session all the same.

use super::scene::Scene;
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::upstream::{Upstream, answer};

const ROUTES: &str = "
  - name: fresh
    paths: [/fresh]
    service: api
    authenticate: { all: [session, guard] }
    authorize: { max_age: 1s }
  - name: scoped
    paths: [/scoped]
    service: api
    authenticate: { all: [bearer, guard] }
    authorize: { scopes: [\"orders:write\"] }
  - name: policed
    paths: [/policed]
    service: api
    authenticate: { all: [guard, session] }
    authorize: { policy: ours }
  - name: nested
    paths: [/nested]
    service: api
    authenticate: { any: [{ all: [session, guard] }, api_key] }
  - name: perhaps
    paths: [/perhaps]
    service: api
    authenticate: { all: [session, guard], optional: true }";

const OURS: &str = "
permit (principal, action, resource);
forbid (principal, action, resource) when { principal has issuer };
";

/// A gateway, and a service outside that lets everybody pass and names nobody.
fn scene() -> (Upstream, Scene) {
    let guard = Upstream::answering(|_| answer::with("200 OK", &[], ""));
    let sections =
        format!("authenticators:\n  guard: {{ forward: {{ url: http://{}/ }} }}", guard.address);
    let scene = Scene::new(&sections, ROUTES, &[("ours.cedar", OURS)]);
    (guard, scene)
}

#[test]
fn a_person_is_asked_for_the_password_again() {
    let (_guard, scene) = scene();
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.get("/fresh/1").expect(200);
    eventually("a log-in that is too old", || (alice.get("/fresh/1").status == 401).then_some(()));
    let answer = alice.open("/fresh/1").expect(303);
    assert_eq!(answer.header("location"), Some("/auth/login?return_to=/fresh/1&max_age=1"));
}

#[test]
fn a_program_with_a_token_is_told_which_scopes_are_missing() {
    let (_guard, scene) = scene();
    let alice = scene.newcomer("alice", &[], &[]);
    let bearer = format!("Bearer {}", alice.token());
    let request = Request::get("/scoped").with("Authorization", &bearer);
    let answer = scene.stage.exchange(&request).expect(403);
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge:?}");
    assert_eq!(answer.json()["code"], "insufficient_scope");
}

#[test]
fn whoever_named_nobody_is_no_issuer() {
    let (_guard, scene) = scene();
    scene.newcomer("alice", &[], &[]).get("/policed").expect(200);
}

/// Its yes is no credential that anybody offered.
#[test]
fn whoever_needs_no_credential_is_asked_once_the_others_are_satisfied() {
    let (guard, scene) = scene();
    scene.stage.exchange(&scene.of_robot(Request::get("/nested"))).expect(200);
    assert_eq!(scene.stage.api.last_request().claims()["client_id"], "robot");
    scene.stage.exchange(&Request::get("/perhaps")).expect(200);
    assert!(!scene.stage.api.last_request().headers().has("authorization"));
    let answer = scene.stage.exchange(&Request::get("/policed")).expect(401);
    assert_eq!(answer.json()["code"], "no_credentials");
    assert_eq!(guard.hits(), 0, "it was asked of nobody's request");
    let mut alice = scene.newcomer("alice", &[], &[]);
    for path in ["/nested", "/perhaps", "/policed"] {
        alice.get(path).expect(200);
    }
    assert_eq!(guard.hits(), 3);
}
