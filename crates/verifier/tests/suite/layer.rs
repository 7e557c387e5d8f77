//! The layer and the extractor, in a real router.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use symbolon_verifier::{RemoteError, RemoteVerifier, Verified, VerifyError, VerifyLayer};
use tower::ServiceExt as _;

use crate::endpoint::Endpoint;
use crate::issuer::{AUDIENCE, ISSUER, Issuer, claims};

async fn who(Verified(claims): Verified) -> String {
    claims.sub
}

async fn who_if_anybody(verified: Option<Verified>) -> String {
    verified.map_or_else(|| "nobody".to_owned(), |Verified(claims)| claims.sub)
}

async fn service(issuer: &Issuer) -> Router {
    let endpoint = Endpoint::start().await;
    endpoint.put("/jwks.json", 200, issuer.jwks());
    behind_the_layer(&endpoint)
}

fn behind_the_layer(endpoint: &Endpoint) -> Router {
    let verifier =
        RemoteVerifier::builder(endpoint.url("/jwks.json"), ISSUER, AUDIENCE).build().unwrap();
    Router::new().route("/", get(who)).layer(VerifyLayer::new(verifier))
}

async fn call(service: Router, authorization: &[&str]) -> Response {
    let mut request = Request::new(Body::empty());
    for value in authorization {
        request.headers_mut().append(AUTHORIZATION, value.parse().unwrap());
    }
    service.oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1024).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn handler_gets_the_claims_of_a_good_token() {
    let issuer = Issuer::es256();
    let service = service(&issuer).await;
    let response = call(service, &[&format!("Bearer {}", issuer.fresh_token())]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, "alice");
}

#[tokio::test]
async fn request_without_a_token_is_challenged_without_an_error() {
    let service = service(&Issuer::es256()).await;
    for authorization in [&[][..], &["Basic YTpi"]] {
        let response = call(service.clone(), authorization).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        assert_eq!(text(response).await, "");
    }
}

#[tokio::test]
async fn request_with_a_bad_token_is_told_why_and_never_reaches_the_handler() {
    let issuer = Issuer::es256();
    let service = service(&issuer).await;
    // Long past its expiry by the real clock, or far ahead of it.
    let stale = format!("Bearer {}", issuer.token(&claims()));
    let good = format!("Bearer {}", issuer.fresh_token());
    let bad = [vec![stale.as_str()], vec!["Bearer x"], vec!["Bearer"], vec![&good, &good]];
    for authorization in bad {
        let response = call(service.clone(), &authorization).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
        assert!(
            challenge.starts_with(r#"Bearer error="invalid_token", error_desc"#),
            "{challenge}"
        );
        assert!(!challenge.contains(&stale[7..]));
        assert_eq!(text(response).await, "");
    }
}

#[tokio::test]
async fn refusal_can_be_logged_by_a_layer_outside() {
    let service = service(&Issuer::es256()).await;
    let response = call(service, &["Bearer x"]).await;
    let error = response.extensions().get::<RemoteError>().unwrap();
    assert!(matches!(error, RemoteError::Token(VerifyError::NotCompactJws)));
}

#[tokio::test]
async fn nobody_is_let_in_while_there_are_no_keys() {
    let endpoint = Endpoint::start().await;
    let service = behind_the_layer(&endpoint);
    let token = format!("Bearer {}", Issuer::es256().fresh_token());
    let response = call(service, &[&token]).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
}

#[tokio::test]
async fn handler_outside_the_layer_verifies_nobody() {
    let issuer = Issuer::es256();
    let token = format!("Bearer {}", issuer.fresh_token());
    let response = call(Router::new().route("/", get(who)), &[&token]).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);

    let response = call(Router::new().route("/", get(who_if_anybody)), &[&token]).await;
    assert_eq!(text(response).await, "nobody");
}
