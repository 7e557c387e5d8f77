//! Machines show a key of their own.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;

/// A route for machines, and for machines and people.
const ROUTES: &str = "
  - { name: machines, paths: [/machines], service: api, authenticate: [api_key] }
  - { name: both, paths: [/both], service: api, authenticate: [session, api_key] }";

/// The gateway with a client `robot`, the client's key, and the folder that it is in.
fn scene() -> (Stage, String, TempDir) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("robot.key");
    let (old, new) = (Symbolon::new_key(), Symbolon::new_key());
    fs::write(&file, &old).unwrap();
    let settings = Settings {
        sections: format!(
            "clients:
  robot:
    groups: [machines]
    credentials: [{{ api_key: {{ secret_file: \"{}\" }} }}]",
            file.display()
        ),
        routes: ROUTES.to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    // The file is read at the start, and again when somebody says so.
    fs::write(&file, &new).unwrap();
    let with_old = Request::get("/machines").with("apikey", &old);
    stage.exchange(&with_old).expect(200);
    stage.symbolon.program().signal("HUP");
    eventually("the end of the old key", || {
        (stage.exchange(&with_old).status == 401).then_some(())
    });
    (stage, new, folder)
}

#[test]
fn a_key_is_a_client() {
    let (stage, key, _folder) = scene();
    stage.exchange(&Request::get("/machines").with("apikey", &key)).expect(200);
    let received = stage.api.last_request();
    let claims = received.claims();
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("client:robot"), &json!("robot")));
    assert_eq!(claims["groups"], json!(["machines"]));
    assert!(claims["sid"].is_null(), "a machine has no session: {claims}");
    assert!(!received.headers().has("apikey"), "the service sees the key");
    stage.exchange(&Request::get("/both").with("apikey", &key)).expect(200);
}

#[test]
fn whatever_is_not_the_key_is_refused() {
    let (stage, key, _folder) = scene();
    let before = stage.api.hits();
    for wrong in ["", "x", &key[1..], &format!("{key}x"), &key.to_uppercase()] {
        let answer = stage.exchange(&Request::get("/machines").with("apikey", wrong)).expect(401);
        assert!(answer.header("www-authenticate").unwrap().starts_with("ApiKey"), "{answer:?}");
        // Logging in would not help whoever chose to send a key.
        let browser = Request::get("/both").navigating().with("apikey", &format!("{wrong}x"));
        stage.exchange(&browser).expect(401);
    }
    let twice = Request::get("/machines").with("apikey", &key).with("apikey", &key);
    stage.exchange(&twice).expect(401);
    let bearer = Request::get("/machines").with("Authorization", &format!("Bearer {key}"));
    stage.exchange(&bearer).expect(401);
    stage.exchange(&Request::get("/api/x").with("apikey", &key)).expect(401);
    stage.exchange(&Request::get(&format!("/machines?apikey={key}"))).expect(401);
    assert_eq!(stage.api.hits(), before);
}

#[test]
fn people_have_no_business_on_routes_for_machines() {
    let (stage, _, _folder) = scene();
    let mut alice = stage.alice();
    alice.get("/machines").expect(401);
    alice.open("/machines").expect(401);
    alice.get("/both").expect(200);
    assert_eq!(stage.api.last_request().claims()["sub"], "alice");
}
