//! What every answer carries, and what strangers and broken requests get.

mod common;

use axum::body::Body;
use axum::http::Request;
use common::{HTTPS, World};

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let world = World::at(HTTPS).await;
    for path in [
        "/auth/login",
        "/auth/logout",
        "/auth/account",
        "/auth/nothing",
        "/auth/style.css",
        "/auth/internal/jwks.json",
        "/auth/account/password",
    ] {
        let answer = world.browser().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(policy.contains("base-uri 'none'"), "{path}");
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        // Whether a host is for HTTPS alone is its listener's to say.
        assert_eq!(answer.header("strict-transport-security"), "");
        assert!(!answer.header("content-type").starts_with("text/plain"));
    }
    let answer = world.browser().get("/auth/login").await;
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn people_get_pages_and_programs_get_problem_documents() {
    let world = World::new().await;
    let page = world.browser().get("/auth/nothing").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.body.contains("request-1"));
    let mut program = world.browser();
    program.headers = vec![("accept", "application/json".to_owned())];
    let problem = program.get("/auth/nothing").await;
    assert_eq!(problem.status, 404);
    assert_eq!(problem.header("content-type"), "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&problem.body).unwrap();
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["request_id"], "request-1");
}

#[tokio::test]
async fn what_is_no_form_of_ours_is_refused() {
    let world = World::new().await;
    let post = |content_type: &str, body: String| {
        Request::post("/auth/login")
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap()
    };
    let form = "application/x-www-form-urlencoded";
    for (request, status) in [
        (post(form, format!("username={}", "a".repeat(17_000))), 413),
        (post("application/json", "{}".to_owned()), 415),
        (post("text/plain", "username=a".to_owned()), 415),
        (post(form, "username=a&username=b".to_owned()), 400),
        (post(form, "username=%FF".to_owned()), 403),
    ] {
        let answer = world.browser().send(request).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    let request = Request::delete("/auth/login").body(Body::empty()).unwrap();
    let answer = world.browser().send(request).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD,POST"));
}

#[tokio::test]
async fn services_find_the_keys_of_internal_tokens() {
    let world = World::new().await;
    let mut service = world.browser();
    let metadata = service.get("/auth/internal/.well-known/openid-configuration").await;
    let metadata: serde_json::Value = serde_json::from_str(&metadata.body).unwrap();
    assert_eq!(metadata["issuer"], "http://127.0.0.1:8080/auth/internal");
    assert_eq!(metadata["jwks_uri"], "http://127.0.0.1:8080/auth/internal/jwks.json");
    let answer = service.get("/auth/internal/jwks.json").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let keys: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(keys["keys"][0]["kty"], "EC");
    assert!(!answer.body.contains("\"d\""));
}

#[tokio::test]
async fn the_style_sheet_is_kept_under_an_address_of_its_content() {
    let world = World::new().await;
    let page = world.browser().get("/auth/login").await;
    let (_, rest) = page.body.split_once("href=\"/auth/style.css?v=").unwrap();
    let address = format!("/auth/style.css?v={}", rest.split_once('"').unwrap().0);
    let answer = world.browser().get(&address).await;
    assert!(answer.header("content-type").starts_with("text/css"));
    assert!(answer.header("cache-control").contains("immutable"));
    assert!(answer.body.contains("prefers-color-scheme: dark"));
}
