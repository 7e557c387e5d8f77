//! Tokens of one kind in the place of another: each is good in its own place only.

use serde_json::json;

use super::scene::Scene;
use super::signer::{SECRET, hs256, hs256_of, now};
use crate::harness::http::Request;
use crate::harness::upstream::claims_of;

#[test]
fn internal_token_is_good_for_no_route() {
    let scene = Scene::new();
    scene.show(&Scene::robot_token()).expect(200);
    let internal = scene.stage.api.last_request().token().unwrap().to_owned();
    assert_eq!(claims_of(&internal)["iss"], json!("http://shop.test/auth/internal"));
    assert_eq!(scene.refused(&internal), "unknown_issuer");
    assert_eq!(scene.refused_at("/ours", &internal), "unknown_issuer");
    assert_eq!(scene.refused_at("/shared", &internal), "unknown_issuer");
}

#[test]
fn client_token_is_no_internal_token() {
    let scene = Scene::new();
    let request = Request::post("/auth/client/token").with("apikey", &scene.api_key);
    let token = scene.stage.exchange(&request).expect(200).json();
    let token = token["access_token"].as_str().unwrap();
    scene.show(token).expect(200);
    let internal = scene.stage.api.last_request().token().unwrap().to_owned();
    let (ours, theirs) = (claims_of(token), claims_of(&internal));
    for name in ["iss", "aud", "jti"] {
        assert_ne!(ours[name], theirs[name], "{name}");
    }
    let header = |token: &str| {
        use base64::Engine as _;
        let header = token.split('.').next().unwrap();
        let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
        serde_json::from_slice::<serde_json::Value>(&json).unwrap()
    };
    assert_eq!(header(token), json!({ "alg": "HS256", "typ": "client+jwt" }));
    assert_eq!(header(&internal)["typ"], json!("at+jwt"));
    // No published key verifies it, whatever a service overlooks.
    let jwks = scene.stage.exchange(&Request::get("/auth/internal/jwks.json")).expect(200).json();
    for key in jwks["keys"].as_array().unwrap() {
        assert_eq!(key["alg"], json!("ES256"));
    }
}

#[test]
fn nobody_speaks_for_this_system() {
    let scene = Scene::new();
    let exp = now() + 60;
    // A client, with its own key, as this system.
    for issuer in ["http://shop.test", "http://shop.test/auth/internal"] {
        let claims = json!({
            "iss": issuer, "aud": "http://shop.test", "sub": "robot", "key": "robot-hs",
            "iat": now(), "exp": exp,
        });
        let header = r#"{"alg":"HS256","typ":"client+jwt"}"#;
        let token = hs256_of(SECRET.as_bytes(), header, &claims.to_string());
        let reason = scene.refused(&token);
        assert!(["bad_signature", "wrong_type"].contains(&&*reason), "{issuer}: {reason}");
    }
    // A client as the outside issuer, and the issuer as a client.
    let claims = json!({
        "iss": scene.server.issuer(), "aud": "shop", "sub": "alice", "key": "robot-hs", "exp": exp,
    });
    assert_eq!(scene.refused(&hs256(SECRET.as_bytes(), &claims)), "unknown_key");
    let claims = json!({ "iss": "robot-es", "exp": exp });
    assert_eq!(scene.refused(&scene.partner.token(&claims)), "bad_signature");
}
