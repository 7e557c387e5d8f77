//! Issuers' servers that say what is not so, and servers whom nobody can be sure of.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::key_server::{KeyServer, Says};
use super::scene::Scene;
use super::signer::{Signer, now};
use crate::harness::certificates::Authority;
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

fn unavailable(says: Says, why: &str) {
    let scene = Scene::with(KeyServer::start(says), Signer::new("1"), "");
    scene.show(&scene.partner_token()).expect(503);
    assert_eq!(scene.stage.api.hits(), 0);
    scene.stage.symbolon.log().wait_for(why, |line| {
        (line.contains("keys of an issuer cannot be fetched") && line.contains(why)).then_some(())
    });
}

#[test]
fn metadata_of_another_issuer_are_refused() {
    unavailable(Says::Issuer("https://evil.example".into()), "`issuer` is another");
}

#[test]
fn redirect_is_not_followed() {
    let elsewhere = KeyServer::start(Says::Keys(Signer::new("1").jwks()));
    unavailable(Says::Redirect(elsewhere.keys_at()), "status 302");
    assert_eq!(elsewhere.hits(), 0);
}

#[test]
fn what_is_no_key_set_is_refused() {
    unavailable(Says::Keys("<html>sorry</html>".into()), "not a JWK set");
    let huge = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(300 << 10));
    unavailable(Says::Keys(huge), "larger than");
}

#[test]
fn key_set_that_becomes_a_lie_leaves_the_old_keys() {
    let scene = Scene::new();
    scene.show(&scene.partner_token()).expect(200);
    for lie in ["<html>", "", r#"{"keys":[],"keys":[]}"#] {
        scene.server.says(Says::Keys(lie.to_owned()));
        let stranger = Signer::new("2").token(&scene.partner_claims());
        assert_eq!(scene.refused(&stranger), "unknown_key");
        scene.show(&scene.partner_token()).expect(200);
    }
}

/// An issuer over TLS, which the gateway trusts by `ca_file` or by the system's authorities.
fn over_tls(ca: impl Fn(&TempDir) -> String) -> u16 {
    let (folder, authority, partner) =
        (TempDir::new().unwrap(), Authority::new("issuers"), Signer::new("1"));
    authority.write(&folder.path().join("ca.pem"));
    let jwks = partner.jwks();
    let pair = authority.issue(&["127.0.0.1"]);
    let server = Upstream::secured(pair.server(), move |peer| {
        while peer.request().is_some() {
            peer.write(&answer::ok(&jwks));
        }
    });
    let settings = Settings {
        sections: format!(
            "issuers:
  partner:
    issuer: https://issuer.example
    jwks_uri: https://{}/jwks
    audience: shop
    algorithms: [ES256]{}",
            server.address,
            ca(&folder),
        ),
        routes: "
  - { name: tokens, paths: [/tokens], service: api, authenticate: [jwt] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let claims = json!({
        "iss": "https://issuer.example", "aud": "shop", "sub": "alice", "exp": now() + 60,
    });
    let header = format!("Bearer {}", partner.token(&claims));
    stage.exchange(&Request::get("/tokens").with("Authorization", &header)).status
}

#[test]
fn issuer_over_tls_is_verified() {
    let trusted =
        over_tls(|folder| format!("\n    ca_file: \"{}\"", folder.path().join("ca.pem").display()));
    assert_eq!(trusted, 200);
    let stranger = over_tls(|folder| {
        let other = Authority::new("others");
        other.write(&folder.path().join("other.pem"));
        format!("\n    ca_file: \"{}\"", folder.path().join("other.pem").display())
    });
    assert_eq!(stranger, 503);
    assert_eq!(over_tls(|_| String::new()), 503);
}

#[test]
fn keys_in_a_file_need_no_server() {
    let (folder, partner) = (TempDir::new().unwrap(), Signer::new("1"));
    let file = folder.path().join("jwks.json");
    fs::write(&file, partner.jwks()).unwrap();
    let server = KeyServer::start(Says::Gone);
    let scene = Scene::with(server, partner, &format!("\n    jwks_file: \"{}\"", file.display()));
    scene.show(&scene.partner_token()).expect(200);
    let stranger = Signer::new("2").token(&scene.partner_claims());
    assert_eq!(scene.refused(&stranger), "unknown_key");
    assert_eq!(scene.server.hits(), 0);
}
