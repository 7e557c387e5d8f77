//! Tokens that a client signs with a key of its own: Kong's and APISIX's cases.

use serde_json::{Value, json};

use super::scene::{Scene, TOKENS, robot_claims};
use super::signer::{SECRET, hs256, hs256_of, now, with};
use crate::harness::http::Request;

#[test]
fn nothing_offered_is_a_bare_challenge() {
    let scene = Scene::new();
    let answer = scene.stage.exchange(&Request::get(TOKENS)).expect(401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"symbolon\""));
    let other = Request::get(TOKENS).with("Authorization", "Basic YTpi");
    let answer = scene.stage.exchange(&other).expect(401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"symbolon\""));
}

#[test]
fn token_under_its_own_key_is_the_client() {
    let scene = Scene::new();
    scene.show(&Scene::robot_token()).expect(200);
    let claims = scene.stage.api.last_request().claims();
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("client:robot"), &json!("robot")));
    assert_eq!((&claims["groups"], &claims["roles"]), (&json!(["machines"]), &json!(["reader"])));
    assert_eq!(claims["amr"], json!(["jwt"]));
    assert!(claims["exp"].as_i64().unwrap() <= now() + 65, "{claims}");
    // By the other key, named in `iss`, `key` or `kid`.
    let exp = now() + 60;
    let es = &scene.robot;
    for (header, claims) in [
        (json!({ "alg": "ES256" }), json!({ "iss": "robot-es", "exp": exp })),
        (json!({ "alg": "ES256" }), json!({ "key": "robot-es", "exp": exp })),
        (json!({ "alg": "ES256", "kid": "robot-es" }), json!({ "exp": exp })),
        (json!({ "alg": "ES256" }), json!({ "iss": "me", "key": "robot-es", "exp": exp })),
    ] {
        scene.show(&es.sign(&header.to_string(), &claims.to_string())).expect(200);
    }
}

#[test]
fn rights_that_a_client_gives_itself_are_none() {
    let scene = Scene::new();
    let claims = with(robot_claims(), "roles", json!(["admin"]));
    let claims = with(claims, "groups", json!(["admins"]));
    let claims = with(with(claims, "scope", json!("all")), "sub", json!("alice"));
    scene.show(&hs256(SECRET.as_bytes(), &claims)).expect(200);
    let claims = scene.stage.api.last_request().claims();
    assert_eq!((&claims["roles"], &claims["groups"]), (&json!(["reader"]), &json!(["machines"])));
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!("client:robot"), &Value::Null));
}

#[test]
fn each_claim_is_checked() {
    let scene = Scene::new();
    let now = now();
    let cases = [
        ("iss", json!("nobody"), "unknown_issuer"),
        ("iss", Value::Null, "unknown_issuer"),
        ("exp", Value::Null, "malformed_claims"),
        ("exp", json!("4102444800"), "malformed_claims"),
        ("exp", json!(now - 60), "expired"),
        ("nbf", json!(now + 60), "not_yet_valid"),
        ("nbf", json!("now"), "malformed_claims"),
        ("iat", json!(now + 60), "not_yet_valid"),
        ("aud", json!("other"), "wrong_audience"),
        ("aud", json!(["http://shop.test", 1]), "malformed_claims"),
    ];
    for (name, value, expected) in cases {
        let token = hs256(SECRET.as_bytes(), &with(robot_claims(), name, value.clone()));
        assert_eq!(scene.refused(&token), expected, "{name}: {value}");
    }
    for (name, value) in [
        ("aud", json!("http://shop.test")),
        ("aud", json!(["other", "http://shop.test"])),
        ("nbf", json!(now - 1)),
        // Within the leeway of five seconds.
        ("exp", json!(now - 2)),
        ("nbf", json!(now + 3)),
    ] {
        let token = hs256(SECRET.as_bytes(), &with(robot_claims(), name, value.clone()));
        assert_eq!(scene.show(&token).status, 200, "{name}: {value}");
    }
}

#[test]
fn stricter_settings_hold() {
    let scene = Scene::new();
    let header = |typ: &str| json!({ "alg": "HS256", "typ": typ }).to_string();
    let good = with(robot_claims(), "aud", json!("machines"));
    let good = with(good, "iat", json!(now()));
    let token =
        |typ: &str, claims: &Value| hs256_of(SECRET.as_bytes(), &header(typ), &claims.to_string());
    scene.show_at("/strict", &token("at+jwt", &good)).expect(200);
    scene.show_at("/strict", &token("application/AT+JWT", &good)).expect(200);
    let cases = [
        (token("JWT", &good), "wrong_type"),
        (token("at+jwt", &with(good.clone(), "aud", Value::Null)), "wrong_audience"),
        (token("at+jwt", &with(good.clone(), "exp", json!(now() + 90))), "too_long_lived"),
        (token("at+jwt", &with(good.clone(), "exp", json!(now() - 1))), "expired"),
        (scene.partner_token(), "unknown_issuer"),
    ];
    for (token, expected) in cases {
        assert_eq!(scene.refused_at("/strict", &token), expected);
    }
}

#[test]
fn key_that_is_taken_away_is_unknown_from_the_next_request_on() {
    let mut scene = Scene::new();
    let token = Scene::robot_token();
    // Twice, so that it is remembered.
    scene.show(&token).expect(200);
    scene.show(&token).expect(200);
    scene.change_credentials(
        "
      - jwt: { key: robot-es, algorithm: ES256, public_key_file: \"KEYS/robot.pem\" }",
    );
    assert_eq!(scene.refused(&token), "unknown_issuer");
    let es = scene.robot.token(&json!({ "iss": "robot-es", "exp": now() + 60 }));
    scene.show(&es).expect(200);
}

#[test]
fn key_that_is_changed_under_its_name_is_another_key() {
    let mut scene = Scene::new();
    let token = Scene::robot_token();
    scene.show(&token).expect(200);
    let other = "another secret of thirty-two characters";
    std::fs::write(scene.folder.path().join("new.secret"), other).unwrap();
    scene.change_credentials(
        "
      - jwt: { key: robot-hs, algorithm: HS256, secret_file: \"KEYS/new.secret\" }",
    );
    assert_eq!(scene.refused(&token), "bad_signature");
    scene.show(&hs256(other.as_bytes(), &robot_claims())).expect(200);
}
