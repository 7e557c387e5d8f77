//! HTTP/2 over TLS, agreed on in the handshake (ALPN), on both sides.

use std::process::Command;

use super::scene::{Files, SITE, Scene, listening};
use crate::harness::http::Request;
use crate::harness::program::run;
use crate::harness::settings::{HOST, Settings};
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

/// What curl prints of an answer: version, status, body.
fn curl(scene: &Scene, path: &str, arguments: &[&str]) -> String {
    let port = scene.stage.symbolon.address.port();
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--max-time", "30", "--http2", "--cacert"])
        .arg(scene.files.path("ca.pem"))
        .args(["--resolve", &format!("{HOST}:{port}:127.0.0.1")])
        .args(["--write-out", "%{http_version} %{response_code}", "--output", "-"])
        .args(arguments)
        .arg(format!("https://{HOST}:{port}{path}"));
    let output = run(&mut command, "");
    [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

#[test]
fn a_client_that_offers_http_2_gets_it_and_is_judged_alike() {
    let mut scene = Scene::plain();
    let symbolon = &mut scene.stage.symbolon;
    assert!(symbolon.stop().success());
    let words = ["session", "seed", "--count", "1", "--subject", "alice"];
    let token = symbolon.run(&words).trim().to_owned();
    symbolon.start_again();
    assert_eq!(curl(&scene, "/public/x", &[]), "{}2 200");
    assert!(curl(&scene, "/api/x", &[]).ends_with("2 401"));
    let cookie = format!("Cookie: __Host-symbolon={token}");
    let said = curl(&scene, "/api/mine", &["-H", &cookie, "-H", "X-User: root"]);
    assert_eq!(said, "{}2 200");
    let received = scene.stage.api.last_request();
    assert_eq!(received.claims()["sub"], "alice");
    assert_eq!(received.headers().get("x-user"), None);
    assert_eq!(received.headers().get("cookie"), None);
    // Who offers HTTP/1.1 alone gets that.
    assert_eq!(curl(&scene, "/public/x", &["--http1.1"]), "{}1.1 200");
}

/// A gateway whose service `/far` is another gateway, over TLS and HTTP/2.
fn before(far: &Scene, keys: &str) -> Stage {
    let port = far.stage.symbolon.address.port();
    let ca = far.files.path("ca.pem").display().to_string();
    let tls = format!("{{ ca_file: {ca}, server_name: {HOST} }}");
    let service = format!(
        "  far: {{ targets: [\"https://localhost:{port}\"], protocol: h2, tls: {tls}{keys} }}"
    );
    let routes = "  - { name: far, paths: [/public], hosts: [near.test], service: far, \
                  authenticate: none, host: preserve }"
        .to_owned();
    Stage::set(&Settings { services: service, routes, ..Settings::default() }, Upstream::plain())
}

#[test]
fn a_service_is_spoken_to_in_http_2_over_tls() {
    let far = Scene::plain();
    let near = before(&far, "");
    for size in [0, 1, 100_000] {
        let body = "x".repeat(size);
        let request = Request::post("/public/x").with("Host", "near.test").body(body.as_bytes());
        near.exchange(&request).expect(200);
        let received = far.stage.api.last_request();
        assert_eq!(received.message.body.len(), size);
        assert_eq!(received.headers().get("via"), Some("1.1 symbolon, 2 symbolon"));
    }
}

#[test]
fn its_health_is_asked_in_http_2_over_tls_as_well() {
    let far = Scene::plain();
    let _near = before(&far, ", health: { path: /public/health, interval: 100ms }");
    far.stage.api.wait_for_hits(3);
    let received = far.stage.api.last_request();
    assert_eq!(received.target(), "/public/health");
    assert_eq!(received.headers().get("via"), Some("2 symbolon"));
}

#[test]
fn a_service_that_does_not_agree_to_http_2_is_502() {
    let files = Files::new();
    let target = Upstream::secured(files.authority.issue(&["localhost"]).server(), |peer| {
        while peer.request().is_some() {
            peer.write(&answer::ok("{}"));
        }
    });
    let port = target.address.port();
    let settings = Settings {
        services: format!(
            "  s: {{ targets: [\"https://localhost:{port}\"], protocol: h2, \
             tls: {{ ca_file: FILES/ca.pem }} }}"
        ),
        routes: "  - { name: s, paths: [/s], service: s, authenticate: none }".to_owned(),
        public_url: SITE.to_owned(),
        ..listening("")
    };
    let scene = files.start(settings, Upstream::plain());
    assert!(curl(&scene, "/s/x", &[]).ends_with("2 502"));
    scene
        .stage
        .symbolon
        .access_log()
        .wait_for("the reason", |line| line.contains("has not agreed to HTTP/2").then_some(()));
    assert_eq!(target.hits(), 0);
}
