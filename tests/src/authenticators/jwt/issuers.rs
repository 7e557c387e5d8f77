//! Tokens of an outside issuer, whose server rotates its keys, disappears, hangs and comes back.

use std::time::Duration;

use serde_json::{Value, json};

use super::key_server::{KeyServer, Says};
use super::scene::{Scene, TOKENS};
use super::signer::{Signer, now, with};
use crate::harness::http::Request;
use crate::harness::patience::{eventually, now as monotonic};

#[test]
fn issuer_vouches_for_its_users_and_for_nobody_here() {
    let scene = Scene::new();
    scene.stage.symbolon.add_user("alice", &["customer"]);
    scene.show(&scene.partner_token()).expect(200);
    let claims = scene.stage.api.last_request().claims();
    assert_eq!(claims["sub"], json!("partner:alice"));
    assert_eq!((&claims["roles"], &claims["groups"]), (&Value::Null, &Value::Null));
}

#[test]
fn claims_become_roles_groups_and_scopes_where_that_was_written() {
    let scene = Scene::new();
    let claims = with(scene.partner_claims(), "realm_access", json!({ "roles": ["customer", 7] }));
    let claims = with(claims, "https://a.example/groups", json!(["staff"]));
    let claims = with(claims, "scp", json!("orders:read orders:write"));
    let claims = with(claims, "roles", json!(["admin"]));
    let claims = with(claims, "acr", json!("mfa"));
    scene.show_at("/ours", &scene.partner.token(&claims)).expect(200);
    let claims = scene.stage.api.last_request().claims();
    assert_eq!(claims["roles"], json!(["customer"]));
    assert_eq!(claims["groups"], json!(["staff"]));
    assert_eq!(claims["scope"], json!("orders:read orders:write"));
    assert_eq!(claims["acr"], json!("mfa"));
    // Keys of clients are not taken there.
    assert_eq!(scene.refused_at("/ours", &Scene::robot_token()), "unknown_issuer");
}

#[test]
fn claims_become_headers_where_a_service_asks_for_them() {
    let scene = Scene::new();
    let claims = with(scene.partner_claims(), "email", json!("alice@partner.example"));
    let claims = with(claims, "address", json!({ "city": "Athens" }));
    let header = format!("Bearer {}", scene.partner.token(&claims));
    let forged = Request::get(TOKENS)
        .with("Authorization", &header)
        .with("X-Mail", "root@shop.test")
        .with("X-City", "Troy");
    scene.stage.exchange(&forged).expect(200);
    let received = scene.stage.api.last_request();
    let told = ["x-mail", "x-city"].map(|name| received.headers().get(name));
    assert_eq!(told, [Some("alice@partner.example"), Some("Athens")]);
    // Where the token does not say it, nobody does.
    let header = format!("Bearer {}", scene.partner_token());
    let forged = Request::get(TOKENS).with("Authorization", &header).with("X-Mail", "root@a.test");
    scene.stage.exchange(&forged).expect(200);
    assert!(!scene.stage.api.last_request().headers().has("x-mail"));
}

#[test]
fn a_claim_with_a_dot_in_its_name_stands_in_for_none() {
    let scene = Scene::new();
    let told = |claims: &Value| {
        let header = format!("Bearer {}", scene.partner.token(claims));
        let request = Request::get("/ours").with("Authorization", &header);
        scene.stage.exchange(&request).expect(200);
        let received = scene.stage.api.last_request();
        let city = received.headers().get("x-city").map(str::to_owned);
        (city, received.claims()["roles"].clone())
    };
    let literal = with(scene.partner_claims(), "address.city", json!("Troy"));
    let literal = with(literal, "realm_access.roles", json!(["root"]));
    assert_eq!(told(&literal), (None, Value::Null));
    // Beside the one that is meant, in either order of the names.
    let both = with(literal, "address", json!({ "city": "Athens", "zip.city": "Sparta" }));
    let both = with(both, "realm_access", json!({ "roles": ["customer"] }));
    assert_eq!(told(&both), (Some("Athens".to_owned()), json!(["customer"])));
    let inside = json!({ "address": { "city": "Athens" } });
    let deeper = with(scene.partner_claims(), "inside", inside);
    assert_eq!(told(&deeper), (None, Value::Null));
}

#[test]
fn each_claim_is_checked() {
    let scene = Scene::new();
    let now = now();
    let cases = [
        ("iss", json!("https://evil.example"), "unknown_issuer"),
        ("iss", json!(format!("{}/", scene.server.issuer())), "unknown_issuer"),
        ("aud", Value::Null, "wrong_audience"),
        ("aud", json!("other"), "wrong_audience"),
        ("aud", json!("http://shop.test"), "wrong_audience"),
        ("sub", Value::Null, "malformed_claims"),
        ("sub", json!(""), "malformed_claims"),
        ("sub", json!("a\u{0}b"), "malformed_claims"),
        ("exp", Value::Null, "malformed_claims"),
        ("exp", json!(now - 60), "expired"),
        ("nbf", json!(now + 60), "not_yet_valid"),
    ];
    for (name, value, expected) in cases {
        let token = scene.partner.token(&with(scene.partner_claims(), name, value.clone()));
        assert_eq!(scene.refused(&token), expected, "{name}: {value}");
    }
    // Types of tokens that are for something else.
    for typ in ["id+jwt", "logout+jwt", "dpop+jwt", "client+jwt"] {
        let header = json!({ "alg": "ES256", "typ": typ, "kid": "1" }).to_string();
        let token = scene.partner.sign(&header, &scene.partner_claims().to_string());
        assert_eq!(scene.refused(&token), "wrong_type", "{typ}");
    }
}

#[test]
fn rotated_key_is_found_and_the_pulled_one_is_not_remembered() {
    let scene = Scene::new();
    let old = scene.partner_token();
    scene.show(&old).expect(200);
    scene.show(&old).expect(200);
    let new = Signer::new("2");
    scene.server.says(Says::Keys(new.jwks()));
    let token = new.token(&scene.partner_claims());
    eventually("the new key", || (scene.show(&token).status == 200).then_some(()));
    // What was verified with the old key does not outlive it.
    assert_eq!(scene.refused(&old), "unknown_key");
}

#[test]
fn unknown_keys_are_no_storm_of_fetches() {
    let scene = Scene::new();
    scene.show(&scene.partner_token()).expect(200);
    let begin = monotonic();
    for n in 0..100 {
        let token = Signer::new(&format!("x{n}")).token(&scene.partner_claims());
        assert_eq!(scene.refused(&token), "unknown_key");
    }
    let intervals = begin.elapsed().as_millis() / 100 + 2;
    assert!((scene.server.hits() as u128) <= 1 + intervals, "{}", scene.server.hits());
}

#[test]
fn issuer_that_hangs_or_is_gone_does_not_hold_up_known_keys() {
    let scene = Scene::new();
    scene.show(&scene.partner_token()).expect(200);
    let stranger = Signer::new("2").token(&scene.partner_claims());
    for says in [Says::Nothing, Says::Gone, Says::Status("500 Internal Server Error")] {
        scene.server.says(says);
        let token = scene.partner_token();
        std::thread::scope(|threads| {
            let waiting = threads.spawn(|| scene.show(&stranger).expect(401).json());
            let begin = monotonic();
            for _ in 0..5 {
                scene.show(&token).expect(200);
            }
            // One fetch alone would take half a second.
            assert!(begin.elapsed() < Duration::from_millis(450), "{:?}", begin.elapsed());
            assert_eq!(waiting.join().unwrap()["reason"], "unknown_key");
        });
    }
}

#[test]
fn without_keys_it_is_503_until_the_issuer_is_there() {
    for says in [Says::Gone, Says::Nothing, Says::Status("503 Service Unavailable")] {
        let partner = Signer::new("1");
        let scene = Scene::with(KeyServer::start(says), partner, "");
        scene.server.wait_for_questions(1);
        let token = scene.partner_token();
        let answer = scene.show(&token).expect(503);
        assert!(!answer.text().contains(&scene.server.issuer()), "{}", answer.text());
        assert_eq!(scene.stage.api.hits(), 0);
        // Nobody else is held up.
        scene.show(&Scene::robot_token()).expect(200);
        scene.server.says(Says::Keys(scene.partner.jwks()));
        eventually("the keys", || (scene.show(&token).status == 200).then_some(()));
    }
}
