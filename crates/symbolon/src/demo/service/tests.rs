//! The example services with tokens of a real key, verified as in the demo: over the network.

mod issuer;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use symbolon_core::settle::{HEADER, SessionChange};
use tower::ServiceExt as _;

use super::{Kind, tour};
use issuer::Issuer;

/// What the service answers to the request with this token.
async fn send(
    issuer: &Issuer,
    kind: Kind,
    token: Option<&str>,
    mut request: Request<Body>,
) -> Response<Body> {
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    issuer.service(kind).oneshot(request).await.unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).unwrap()
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.into()).unwrap()
}

async fn json_of(response: Response<Body>) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

fn change(headers: &HeaderMap) -> SessionChange {
    SessionChange::parse(headers[HEADER].as_bytes()).unwrap()
}

#[tokio::test]
async fn nothing_but_the_tour_is_told_without_a_token() {
    let issuer = Issuer::start().await;
    for kind in Kind::ALL {
        for path in ["/orders", "/profile", "/admin", "/echo/x", "/nothing"] {
            let response = send(&issuer, kind, None, get(path)).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{kind:?} {path}");
        }
    }
    let tour = send(&issuer, Kind::Profile, None, get("/")).await;
    assert_eq!(tour.status(), StatusCode::OK);
}

#[tokio::test]
async fn token_for_another_service_is_refused() {
    let issuer = Issuer::start().await;
    let token = issuer.token(Kind::Orders, "alice", "customer", json!({}));
    let refused = send(&issuer, Kind::Profile, Some(&token), get("/profile")).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let greeted = send(&issuer, Kind::Profile, Some(&token), get("/")).await;
    assert!(!text(greeted).await.contains("Welcome"));
}

#[tokio::test]
async fn orders_are_those_of_the_caller() {
    let issuer = Issuer::start().await;
    for (who, count) in [("alice", 3), ("bob", 1), ("zoe", 0)] {
        let token = issuer.token(Kind::Orders, who, "customer", json!({}));
        let response = send(&issuer, Kind::Orders, Some(&token), get("/orders")).await;
        assert_eq!(json_of(response).await.as_array().unwrap().len(), count, "{who}");
    }
}

#[tokio::test]
async fn item_is_patched_into_the_cart_under_a_key_of_its_own() {
    let issuer = Issuer::start().await;
    let token = issuer.token(Kind::Orders, "alice", "customer", json!({}));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let request = post("/orders/cart", r#"{"sku":"amphora"}"#);
        let response = send(&issuer, Kind::Orders, Some(&token), request).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let patch = change(response.headers()).patch.unwrap();
        let item = json_of(response).await;
        let id = item["id"].as_str().unwrap().to_owned();
        assert_eq!(patch.as_map()["cart"], json!({ id.as_str(): { "sku": "amphora" } }));
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn what_is_no_item_changes_nothing() {
    let issuer = Issuer::start().await;
    let token = issuer.token(Kind::Orders, "alice", "customer", json!({}));
    let long = format!(r#"{{"sku":"{}"}}"#, "x".repeat(65));
    let huge = format!(r#"{{"sku":"x","more":"{}"}}"#, "x".repeat(4096));
    let cases = [
        ("", 400),
        ("sku=amphora", 400),
        ("{}", 422),
        ("[]", 422),
        (r#"{"sku":7}"#, 422),
        (r#"{"sku":""}"#, 422),
        (r#"{"sku":"a\nb"}"#, 422),
        (&long, 422),
        (&huge, 413),
    ];
    for (body, status) in cases {
        let request = post("/orders/cart", body.to_owned());
        let response = send(&issuer, Kind::Orders, Some(&token), request).await;
        assert_eq!(response.status().as_u16(), status, "{body}");
        assert!(!response.headers().contains_key(HEADER), "{body}");
        assert!(json_of(response).await["error"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn full_cart_takes_no_more() {
    let issuer = Issuer::start().await;
    for (bytes, status) in [(15_000, 201), (16_200, 409)] {
        let session = json!({ "cart": { "1": { "sku": "x".repeat(bytes) } } });
        let token = issuer.token(Kind::Orders, "alice", "customer", session);
        let request = post("/orders/cart", r#"{"sku":"amphora"}"#);
        let response = send(&issuer, Kind::Orders, Some(&token), request).await;
        assert_eq!(response.status().as_u16(), status, "{bytes}");
    }
}

#[tokio::test]
async fn profile_tells_the_claims_with_the_session_data() {
    let issuer = Issuer::start().await;
    let token = issuer.token(Kind::Profile, "alice", "customer", json!({ "locale": "el" }));
    let claims = json_of(send(&issuer, Kind::Profile, Some(&token), get("/profile")).await).await;
    assert_eq!(claims["aud"], "profile");
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["session"], json!({ "locale": "el" }));
}

#[tokio::test]
async fn admin_page_asks_for_the_role_itself() {
    let issuer = Issuer::start().await;
    for (role, status) in [("customer", 403), ("admin", 200)] {
        let token = issuer.token(Kind::Profile, "somebody", role, json!({}));
        let response = send(&issuer, Kind::Profile, Some(&token), get("/admin")).await;
        assert_eq!(response.status().as_u16(), status, "{role}");
    }
}

#[tokio::test]
async fn echo_tells_everything_but_the_token_itself() {
    let issuer = Issuer::start().await;
    let token = issuer.token(Kind::Echo, "alice", "customer", json!({}));
    let mut request = post("/echo/a%20b?x=1", "hello");
    request.headers_mut().append("x-twice", "1".parse().unwrap());
    request.headers_mut().append("x-twice", "2".parse().unwrap());
    let response = text(send(&issuer, Kind::Echo, Some(&token), request).await).await;
    let signature = token.rsplit('.').next().unwrap();
    assert!(!response.contains(signature));

    let echo: Value = serde_json::from_str(&response).unwrap();
    assert_eq!(echo["method"], "POST");
    assert_eq!(echo["path"], "/echo/a%20b");
    assert_eq!(echo["query"], "x=1");
    assert_eq!(echo["headers"]["x-twice"], "1, 2");
    assert_eq!(echo["headers"]["authorization"], "Bearer <redacted>");
    assert_eq!(echo["body"], "hello");
    assert_eq!(echo["internal_token"]["header"]["typ"], "at+jwt");
    assert_eq!(echo["internal_token"]["claims"]["aud"], "echo");
}

#[tokio::test]
async fn echo_tells_bytes_that_are_no_text_as_base64() {
    let issuer = Issuer::start().await;
    let token = issuer.token(Kind::Echo, "alice", "customer", json!({}));
    let request = post("/echo", vec![0xff, 0xfe]);
    let echo = json_of(send(&issuer, Kind::Echo, Some(&token), request).await).await;
    assert_eq!(echo["body_base64"], "//4=");
    assert!(echo.get("body").is_none());
}

#[tokio::test]
async fn tour_greets_whoever_is_logged_in() {
    let issuer = Issuer::start().await;
    let page = text(send(&issuer, Kind::Profile, None, get("/")).await).await;
    assert!(page.contains(r#"href="/auth/login?return_to=%2F""#));
    assert!(page.contains(&format!("{}/orders", issuer.site())));

    let token = issuer.token(Kind::Profile, "alice", "customer", json!({}));
    let page = text(send(&issuer, Kind::Profile, Some(&token), get("/")).await).await;
    assert!(page.contains("Welcome, alice · customer"));
    assert!(!page.contains(r#"id="login""#));
}

#[tokio::test]
async fn tour_escapes_a_name() {
    let issuer = Issuer::start().await;
    let mut claims = issuer.claims("alice").await;
    claims.sub = "<script>".to_owned();
    let page = tour::render("http://127.0.0.1:1", Some(&claims)).unwrap();
    assert!(page.contains("Welcome, &lt;script&gt;") && !page.contains("<script"));
}
