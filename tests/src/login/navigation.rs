//! Who is sent to log in, and who is told that they are not logged in.

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn people_are_sent_to_log_in_and_programs_are_told() {
    let stage = Stage::plain();
    let html = "text/html,application/xhtml+xml";
    for (request, status) in [
        (Request::get("/api/x").navigating(), 303),
        (Request::get("/api/x").with("Accept", html), 303),
        (Request::get("/api/x"), 401),
        (Request::get("/api/x").with("Accept", "*/*"), 401),
        (Request::get("/api/x").with("Accept", "application/json"), 401),
        (Request::get("/api/x").with("Accept", html).with("Sec-Fetch-Mode", "cors"), 401),
        (Request::get("/api/x").with("Accept", html).with("Sec-Fetch-Mode", "no-cors"), 401),
        (Request::post("/api/x").with("Accept", html).body(b"x"), 401),
    ] {
        let answer = stage.exchange(&request);
        assert_eq!(answer.status, status, "{request:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        if status == 401 {
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Bearer "), "{challenge}");
            // RFC 6750 section 3.1: no error code where no token was offered.
            assert!(!challenge.contains("error"), "{challenge}");
        }
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn whatever_may_stand_in_a_query_reaches_the_page() {
    let stage = Stage::plain();
    for query in ["x=\"", "return_to=/a%22b\"c", "%&=[]{}|^`\"'"] {
        stage.exchange(&Request::get(&format!("/auth/login?{query}"))).expect(200);
    }
}

#[test]
fn the_route_may_say_otherwise() {
    let routes = "
  - { name: always, paths: [/always], service: api, authenticate: [session], when_unauthenticated: login }
  - { name: never, paths: [/never], service: api, authenticate: [session], when_unauthenticated: reject }";
    let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::get("/always")).expect(303);
    stage.exchange(&Request::get("/never").navigating()).expect(401);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn the_pages_are_where_the_configuration_says() {
    let sections = "auth: { mount: /sso }".to_owned();
    let stage = Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain());
    let answer = stage.exchange(&Request::get("/api/x").navigating()).expect(303);
    let login = answer.header("location").unwrap();
    assert_eq!(login, "/sso/login?return_to=/api/x");
    let page = stage.exchange(&Request::get(login).navigating()).expect(200);
    assert!(page.text().contains("action=\"/sso/login\""), "{page:?}");
    stage.exchange(&Request::get("/auth/login").navigating()).expect(404);
    let metadata = "/sso/internal/.well-known/openid-configuration";
    let metadata = stage.exchange(&Request::get(metadata)).expect(200).json();
    assert_eq!(metadata["issuer"], "http://shop.test/sso/internal");
    assert_eq!(metadata["jwks_uri"], "http://shop.test/sso/internal/jwks.json");
}

#[test]
fn anonymous_is_let_through_where_the_route_says_so() {
    let stage = Stage::plain();
    stage.exchange(&Request::get("/maybe/x").navigating()).expect(200);
    assert_eq!(stage.api.only_request().token(), None);
    let mut alice = stage.alice();
    alice.get("/maybe/x").expect(200);
    assert_eq!(stage.api.last_request().claims()["sub"], "alice");
    alice.get("/public/x").expect(200);
    assert_eq!(stage.api.last_request().token(), None);
}

#[test]
fn the_same_token_works_in_the_cookie_and_as_bearer() {
    let stage = Stage::plain();
    let alice = stage.alice();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let value = format!("{scheme} {}", alice.token());
        stage.exchange(&Request::get("/api/x").with("Authorization", &value)).expect(200);
        assert_eq!(stage.api.last_request().claims()["sub"], "alice");
    }
}

#[test]
fn the_role_decides() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut root = stage.newcomer("root", &["admin", "customer"]);
    alice.get("/admin/x").expect(403);
    assert_eq!(stage.api.hits(), 0);
    root.get("/admin/x").expect(200);
    let claims = stage.api.only_request().claims();
    assert_eq!(claims["sub"], "root");
    let roles = claims["roles"].as_array().unwrap();
    assert!(roles.iter().any(|role| role == "admin"), "{claims}");
}

#[test]
fn a_changed_role_counts_at_once() {
    let stage = Stage::plain();
    let mut alice = stage.newcomer("alice", &["admin"]);
    alice.get("/admin/x").expect(200);
    stage.symbolon.run(&["user", "roles", "alice", "customer"]);
    assert_ne!(alice.get("/admin/x").status, 200);
    assert_eq!(stage.api.hits(), 1);
}
