//! Roles that follow from others: known to services, and changed by a reload.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::scene::Scene;
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::{PASSWORD, Symbolon};
use crate::harness::upstream::Upstream;

const SECTIONS: &str = "
roles: { admin: { includes: [customer] }, customer: { includes: [reader] }, machine: { includes: [reader] } }
groups: { staff: { roles: [customer] }, machines: { roles: [feeder] } }";

const ROUTES: &str = "
  - name: readers
    paths: [/readers]
    service: api
    authenticate: [session, api_key]
    authorize: { any_role: [reader, feeder] }";

#[test]
fn services_are_told_what_follows_so_that_they_can_decide_the_fine_points() {
    let scene = Scene::new(SECTIONS, ROUTES, &[]);
    let mut root = scene.newcomer("root", &["admin"], &["staff", "night"]);
    root.get("/readers").expect(200);
    let claims = scene.stage.api.last_request().claims();
    assert_eq!(claims["roles"], json!(["admin", "customer", "reader"]));
    assert_eq!(claims["groups"], json!(["staff", "night"]));
    scene.stage.exchange(&scene.of_robot(Request::get("/readers"))).expect(200);
    let claims = scene.stage.api.last_request().claims();
    assert_eq!(claims["roles"], json!(["machine", "feeder", "reader"]));
    assert_eq!(
        (&claims["groups"], &claims["scope"]),
        (&json!(["machines"]), &json!("orders:read"))
    );
}

#[test]
fn a_group_is_one_however_it_is_typed() {
    let key = Symbolon::new_key();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("typist.key");
    fs::write(&file, &key).unwrap();
    let routes = "
  - { name: upper, paths: [/upper], service: api, authenticate: [session, api_key], authorize: { any_group: [Staff] } }
  - { name: lower, paths: [/lower], service: api, authenticate: [session, api_key], authorize: { any_group: [staff] } }";
    let settings = Settings {
        sections: format!(
            "clients: {{ typist: {{ groups: [STAFF], credentials: [{{ api_key: {{ secret_file: {} }} }}] }} }}",
            file.display()
        ),
        routes: routes.to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    stage
        .symbolon
        .run_with(&["user", "add", "sam", "--password-stdin", "--group", "Staff"], PASSWORD);
    let mut sam = stage.again("sam");
    for path in ["/upper", "/lower"] {
        sam.get(path).expect(200);
        stage.exchange(&Request::get(path).with("apikey", &key)).expect(200);
        assert_eq!(stage.api.last_request().claims()["groups"], json!(["staff"]), "{path}");
    }
}

#[test]
fn a_reload_changes_what_follows_with_the_next_request_and_with_the_next_token() {
    let scene = Scene::new(SECTIONS, ROUTES, &[]);
    let mut sam = scene.newcomer("sam", &[], &["staff"]);
    sam.get("/readers").expect(200);
    let first = scene.stage.api.last_request();
    assert_eq!(first.claims()["roles"], json!(["customer", "reader"]));
    let others = SECTIONS.replace("staff: { roles: [customer] }", "staff: { roles: [feeder] }");
    scene.write(&others, ROUTES);
    eventually("the reload", || (scene.reloads("applied") == 1).then_some(()));
    sam.get("/readers").expect(200);
    assert_eq!(scene.stage.api.last_request().claims()["roles"], json!(["feeder"]));
    // The role is taken from the group altogether.
    scene.write(&SECTIONS.replace("staff: { roles: [customer] }, ", ""), ROUTES);
    eventually("the reload", || (scene.reloads("applied") == 2).then_some(()));
    sam.get("/readers").expect(403);
    sam.get("/api/x").expect(200);
    assert_eq!(scene.stage.api.last_request().claims()["roles"], json!(null));
}

#[test]
fn roles_and_groups_of_an_account_are_replaced_by_command() {
    let scene = Scene::new(SECTIONS, ROUTES, &[]);
    let mut sam = scene.newcomer("sam", &[], &[]);
    let symbolon = &scene.stage.symbolon;
    sam.get("/readers").expect(403);
    let said = symbolon.run(&["user", "groups", "sam", "staff", "night"]);
    assert_eq!(said, "account `sam` has now the groups [staff, night]\n");
    sam.get("/readers").expect(200);
    assert_eq!(symbolon.list(&["user", "list"])[0]["groups"], json!(["staff", "night"]));
    symbolon.run(&["user", "groups", "sam", "--none"]);
    sam.get("/readers").expect(403);
    symbolon.run(&["user", "roles", "sam", "reader"]);
    sam.get("/readers").expect(200);
    symbolon.run(&["user", "roles", "sam", "--none"]);
    sam.get("/readers").expect(403);
    // Nobody was logged out by any of it.
    sam.get("/api/x").expect(200);
    let output = symbolon.command(&["user", "groups", "nobody", "staff"], "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn a_hierarchy_that_makes_no_sense_is_refused_with_its_place() {
    let scene = Scene::new(SECTIONS, ROUTES, &[]);
    let broken = "roles:
  admin: { includes: [customer] }
  customer: { includes: [admin, raeder] }
groups: { staff: { roles: [custmer] } }";
    scene.write(broken, ROUTES);
    let output = scene.stage.symbolon.command(&["config", "check"], "");
    assert!(!output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for words in [
        "role `admin` includes itself, by way of `customer`, `admin`",
        "role `customer` includes itself, by way of `admin`, `customer`",
        "unknown role `raeder`",
        "did you mean `reader`?",
        "unknown role `custmer`",
        "did you mean `customer`?",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    eventually("a refusal", || (scene.reloads("refused") == 1).then_some(()));
}
