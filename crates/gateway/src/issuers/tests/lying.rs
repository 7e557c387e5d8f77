//! Servers that say what is not so: refused, and said so in the log.

use serde_json::json;
use symbolon_core::jwt::MAX_KEY_SET_BYTES;

use super::*;

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

async fn trouble(scene: &Scene) -> String {
    match scene.judge(&Signer::new("1").token()).await {
        Err(NoKey::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn metadata(server: &Server, issuer: &str) -> String {
    json!({ "issuer": issuer, "jwks_uri": server.url("/jwks"), "x": [1] }).to_string()
}

#[tokio::test]
async fn keys_are_discovered_in_either_way() {
    for path in [OPENID, OAUTH] {
        let (server, signer) = (Server::start().await, Signer::new("1"));
        server.put("/jwks", &signer.jwks());
        server.put(path, &metadata(&server, &server.url("")));
        let scene = Scene::discovered(server);
        assert_eq!(scene.judge(&signer.token()).await, Ok(()), "{path}");
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_are_refused() {
    let server = Server::start().await;
    for issuer in ["https://evil.example".to_owned(), server.url("/"), String::new()] {
        let server = Server::start().await;
        server.put("/jwks", &Signer::new("1").jwks());
        server.put(OPENID, &metadata(&server, &issuer));
        let scene = Scene::discovered(server);
        assert!(trouble(&scene).await.contains("`issuer` is another"), "{issuer}");
        assert_eq!(scene.server.hits("/jwks"), 0);
    }
}

#[tokio::test]
async fn what_is_no_key_set_is_refused() {
    let huge = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(MAX_KEY_SET_BYTES));
    let cases = [
        ("<html>Service temporarily unavailable</html>", "not a JWK set"),
        ("", "not a JWK set"),
        (r#"{"keys":[],"keys":[]}"#, "not a JWK set"),
        (huge.as_str(), "larger than"),
    ];
    for (body, expected) in cases {
        let server = Server::start().await;
        server.put("/jwks", body);
        let why = trouble(&Scene::at_jwks(server)).await;
        assert!(why.contains(expected), "{why}");
    }
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let (server, elsewhere) = (Server::start().await, Server::start().await);
    elsewhere.put("/jwks", &Signer::new("1").jwks());
    server.redirect("/jwks", &elsewhere.url("/jwks"));
    let scene = Scene::at_jwks(server);
    assert!(trouble(&scene).await.contains("status 302"));
    assert_eq!(elsewhere.hits("/jwks"), 0);
}

#[tokio::test]
async fn keys_elsewhere_have_to_be_over_https() {
    let server = Server::start().await;
    for uri in ["http://keys.example/jwks", "file:///etc/passwd", "/jwks"] {
        let metadata = json!({ "issuer": server.url(""), "jwks_uri": uri }).to_string();
        server.put(OPENID, &metadata);
        let scene = Scene::discovered(server.clone());
        assert!(trouble(&scene).await.contains("`jwks_uri`"), "{uri}");
    }
}

#[tokio::test]
async fn keys_stay_when_the_server_begins_to_lie() {
    let (server, signer) = (Server::start().await, Signer::new("1"));
    server.put("/jwks", &signer.jwks());
    let scene = Scene::at_jwks(server);
    scene.judge(&signer.token()).await.unwrap();
    scene.server.put("/jwks", "<html>");
    scene.interval().await;
    assert_eq!(scene.judge(&Signer::new("2").token()).await, unknown());
    assert_eq!(scene.judge(&signer.token()).await, Ok(()));
    // An issuer that has pulled every key says so.
    scene.server.put("/jwks", r#"{"keys":[]}"#);
    scene.interval().await;
    assert_eq!(scene.judge(&Signer::new("2").token()).await, unknown());
    assert_eq!(scene.judge(&signer.token()).await, unknown());
}

#[tokio::test]
async fn nobody_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let location = KeyLocation::At(format!("http://{address}/jwks").parse().unwrap());
    let server = Server::start().await;
    let scene = Scene::of(server, settings("https://issuer.example", location));
    assert!(trouble(&scene).await.contains("cannot connect"));
}
