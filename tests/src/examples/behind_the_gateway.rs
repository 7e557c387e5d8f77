//! All three behind one gateway, each with an audience of its own.

use std::fmt::Write as _;

use serde_json::json;

use super::service::{LANGUAGES, Service};
use crate::harness::http::{Request, exchange};
use crate::harness::reserved::Reserved;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The services, the gateway before them, and for each a route to a spy that gets its tokens.
fn scene() -> (Vec<Service>, Stage) {
    // The issuer's address stands in the tokens, so it has to be known before anybody listens.
    let reserved = Reserved::new();
    let address = reserved.address;
    let public_url = format!("http://{address}");
    let issuer = format!("{public_url}/auth/internal");
    let services: Vec<Service> =
        LANGUAGES.iter().map(|language| Service::start(language, &issuer)).collect();
    let spy = Upstream::plain();
    let mut settings = Settings { address: address.to_string(), public_url, ..Settings::default() };
    // Writing to a string cannot fail.
    for Service { language, address, .. } in &services {
        let _ = write!(
            settings.services,
            "  {language}: {{ targets: [http://{address}], session_writes: [cart] }}
  spy-{language}: {{ targets: [http://{}], audience: {language} }}\n",
            spy.address
        );
        let _ = write!(
            settings.routes,
            "  - {{ name: {language}, hosts: [{language}.test], paths: [/whoami, /cart], \
             service: {language}, authenticate: [session] }}
  - {{ name: spy-{language}, paths: [/spy/{language}], service: spy-{language}, \
             authenticate: [session] }}\n"
        );
    }
    (services, Stage::set(&settings, spy))
}

#[test]
fn each_language_verifies_and_changes_the_same_session() {
    let (services, stage) = scene();
    stage.symbolon.add_user("alice", &["customer"]);
    let mut alice = stage.visitor().at_origin(&format!("http://{}", stage.symbolon.address));
    alice.log_in("alice");
    for Service { language, .. } in &services {
        let host = format!("{language}.test");
        let item = json!({ "sku": format!("from {language}") });
        let added = alice.send(Request::post("/cart").with("Host", &host).json(&item));
        added.expect(200);
    }
    for Service { language, .. } in &services {
        let host = format!("{language}.test");
        let claims = alice.send(Request::get("/whoami").with("Host", &host)).expect(200).json();
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!("alice"), &json!(language)));
        assert_eq!(claims["roles"], json!(["customer"]));
        let cart = claims["session"]["cart"].to_string();
        for language in LANGUAGES {
            assert!(cart.contains(&format!("from {language}")), "{cart}");
        }
    }
}

#[test]
fn a_new_signing_key_is_known_before_it_signs() {
    let (services, stage) = scene();
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor().at_origin(&format!("http://{}", stage.symbolon.address));
    alice.log_in("alice");
    for _ in 0..3 {
        for Service { language, .. } in &services {
            let host = format!("{language}.test");
            alice.send(Request::get("/whoami").with("Host", &host)).expect(200);
        }
        stage.symbolon.run(&["key", "rotate"]);
        // Another session, so that no token of before is used again.
        alice.log_in("alice");
    }
    assert!(stage.symbolon.list(&["key", "list"]).len() > 1);
}

#[test]
fn each_language_refuses_what_is_not_for_it() {
    let (services, stage) = scene();
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor().at_origin(&format!("http://{}", stage.symbolon.address));
    alice.log_in("alice");
    for language in LANGUAGES {
        alice.get(&format!("/spy/{language}")).expect(200);
        let token = stage.api.last_request().token().unwrap().to_owned();
        let whoami =
            |token: &str| Request::get("/whoami").with("Authorization", &format!("Bearer {token}"));
        for service in &services {
            let status = exchange(service.address, &whoami(&token)).status;
            let expected = if service.language == language { 200 } else { 401 };
            assert_eq!(status, expected, "a token for {language} at {}", service.language);

            let (signed, signature) = token.rsplit_once('.').unwrap();
            let (header, payload) = signed.split_once('.').unwrap();
            for forged in [
                format!("{signed}."),
                format!("{signed}.{}", signature.chars().rev().collect::<String>()),
                format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{payload}."),
                format!("{header}.eyJzdWIiOiJyb290In0.{signature}"),
                alice.token().to_owned(),
            ] {
                let answer = exchange(service.address, &whoami(&forged));
                assert_eq!(answer.status, 401, "{forged} at {}", service.language);
            }
            exchange(service.address, &Request::get("/whoami")).expect(401);
        }
    }
}
