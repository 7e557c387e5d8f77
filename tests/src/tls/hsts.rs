//! To TLS, and back to it: redirects of plain listeners, and `Strict-Transport-Security`.

use super::scene::Scene;
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

#[test]
fn a_plain_listener_sends_to_the_public_url_and_nowhere_else() {
    let settings = Settings {
        address: "127.0.0.1:0, redirect_to_https: true".to_owned(),
        public_url: "https://shop.test:8443".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    for (method, target, location) in [
        ("GET", "/public/x?y=1", "https://shop.test:8443/public/x?y=1"),
        ("POST", "/", "https://shop.test:8443/"),
        ("GET", "//evil.test/x", "https://shop.test:8443//evil.test/x"),
        ("GET", "/@evil.test", "https://shop.test:8443/@evil.test"),
    ] {
        for host in ["shop.test", "evil.test"] {
            let request = Request::new(method, target).with("Host", host);
            let answer = stage.exchange(&request);
            // A path that has no canonical form is refused here as everywhere.
            if answer.status == 400 && target.starts_with("//") {
                continue;
            }
            let answer = answer.expect(308);
            assert_eq!(answer.header("location"), Some(location), "{answer:?}");
            assert_eq!(answer.header("strict-transport-security"), None, "RFC 6797 section 7.2");
        }
    }
    assert_eq!(stage.api.hits(), 0);
    stage.symbolon.access_log().wait_for("the redirect", |line| {
        (line.contains("\"status\":308") && line.contains("\"to_https\"")).then_some(())
    });
}

#[test]
fn what_is_ambiguous_is_not_sent_on() {
    let settings = Settings {
        address: "127.0.0.1:0, redirect_to_https: true".to_owned(),
        public_url: "https://shop.test".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::get("/a/%2e%2e/b")).expect(400);
}

#[test]
fn every_answer_over_tls_says_that_it_stays_so() {
    let api = Upstream::answering(|_| {
        answer::with("200 OK", &[("Strict-Transport-Security", "max-age=1")], "{}")
    });
    let keys = ", hsts: { max_age: 30d, include_subdomains: true }";
    let scene = Scene::with(keys, api);
    for (target, status) in [("/public/x", 200), ("/nowhere", 404), ("/api/x", 401)] {
        let answer = scene.connect().exchange(&Request::get(target)).expect(status);
        let said = answer.header("strict-transport-security");
        assert_eq!(said, Some("max-age=2592000; includeSubDomains"), "{target}");
    }
}
