//! A client trades a credential for a short token, and loses it with the credential.

use serde_json::{Value, json};

use super::scene::Scene;
use super::signer::now;
use crate::harness::http::{Request, Response};
use crate::harness::upstream::claims_of;

const ENDPOINT: &str = "/auth/client/token";

impl Scene {
    fn trade(&self) -> Response {
        self.stage.exchange(&Request::post(ENDPOINT).with("apikey", &self.api_key))
    }

    fn client_token(&self) -> String {
        self.trade().expect(200).json()["access_token"].as_str().unwrap().to_owned()
    }
}

#[test]
fn credential_becomes_a_token_that_routes_take() {
    let scene = Scene::new();
    let answer = scene.trade().expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(300)));
    let token = body["access_token"].as_str().unwrap();
    let claims = claims_of(token);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("http://shop.test"), &claims["iss"]));
    assert_eq!(claims["sub"], json!("robot"));
    assert!(claims["exp"].as_i64().unwrap() <= now() + 300);
    assert_eq!((&claims["roles"], &claims["groups"]), (&Value::Null, &Value::Null));
    scene.show(token).expect(200);
    let claims = scene.stage.api.last_request().claims();
    assert_eq!((&claims["sub"], &claims["roles"]), (&json!("client:robot"), &json!(["reader"])));
    // Routes that list something else do not take it.
    scene.show_at("/keys", token).expect(401);
    scene.show_at("/api", token).expect(401);
    assert_eq!(scene.refused_at("/seen", token), "unknown_issuer");
}

#[test]
fn nobody_gets_one_without_a_credential_of_a_client() {
    let scene = Scene::new();
    let alice = scene.stage.alice();
    let token = scene.client_token();
    let ask = |name: &str, value: &str| Request::post(ENDPOINT).with(name, value);
    let requests = [
        Request::post(ENDPOINT),
        ask("apikey", "wrong"),
        // A token is no credential for another token.
        ask("Authorization", &format!("Bearer {token}")),
        ask("Authorization", &format!("Bearer {}", Scene::robot_token())),
        ask("Authorization", &format!("Bearer {}", scene.partner_token())),
        // Nor is a session.
        ask("Authorization", &format!("Bearer {}", alice.token())),
        alice.dress(Request::post(ENDPOINT)),
        // Nor what somebody outside says of themselves.
        ask("X-Consumer-Username", "robot"),
        ask("X-Client-Id", "robot"),
    ];
    for request in requests {
        let answer = scene.stage.exchange(&request).expect(401);
        assert!(answer.headers().has("www-authenticate"), "{answer:?}");
        assert!(!answer.text().contains("access_token"));
    }
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let request = Request::new(method, ENDPOINT).with("apikey", &scene.api_key);
        let answer = scene.stage.exchange(&request);
        assert!([405, 403].contains(&answer.status), "{answer:?}");
    }
    // However the path is spelled.
    for path in ["/auth/client/token/", "/auth//client/token", "/auth/x/../client/token"] {
        let answer = scene.stage.exchange(&Request::post(path));
        assert!(!answer.text().contains("access_token"), "{path}: {answer:?}");
    }
}

#[test]
fn token_ends_with_the_credential_that_it_was_had_for() {
    let mut scene = Scene::new();
    let token = scene.client_token();
    scene.show(&token).expect(200);
    // Other credentials of the client do not keep it alive.
    scene.change_credentials(
        "
      - jwt: { key: robot-hs, algorithm: HS256, secret_file: \"KEYS/robot.secret\" }",
    );
    assert_eq!(scene.refused(&token), "unknown_client");
}

#[test]
fn token_ends_when_another_credential_takes_the_place() {
    let mut scene = Scene::new();
    let token = scene.client_token();
    scene.show(&token).expect(200);
    let other = crate::harness::symbolon::Symbolon::new_key();
    std::fs::write(scene.folder.path().join("other.key"), other).unwrap();
    // Under the very name that the first one had.
    scene.change_credentials(
        "
      - { id: api-key-3, api_key: { secret_file: \"KEYS/other.key\" } }",
    );
    assert_eq!(scene.refused(&token), "unknown_client");
}

#[test]
fn operator_makes_a_token_for_a_client() {
    let scene = Scene::new();
    let printed = scene.stage.symbolon.run(&["client", "jwt", "robot", "--lifetime", "60"]);
    let token = printed.trim();
    scene.show(token).expect(200);
    assert_eq!(scene.stage.api.last_request().claims()["sub"], json!("client:robot"));
    assert!(claims_of(token)["exp"].as_i64().unwrap() <= now() + 60);
    let listed =
        scene.stage.symbolon.run(&["audit", "list", "--kind", "client_token_made", "--json"]);
    let record: serde_json::Value = serde_json::from_str(listed.trim()).unwrap();
    assert_eq!((&record["client"], &record["detail"]["lifetime"]), (&json!("robot"), &json!(60)));
    assert!(record["actor"].as_str().unwrap().starts_with("operator:"), "{record}");
    assert!(!listed.contains(token), "{listed}");
    let output = scene.stage.symbolon.command(&["client", "jwt", "nobody"], "");
    assert!(!output.status.success());
    let output = scene.stage.symbolon.command(&["client", "jwt", "robot", "--lifetime", "901"], "");
    assert!(!output.status.success());
}
