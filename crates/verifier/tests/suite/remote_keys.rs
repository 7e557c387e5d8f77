//! Keys fetched over a real connection. Time is moved by hand; nothing sleeps.

use std::error::Error as _;
use std::time::Duration;

use serde_json::json;
use symbolon_verifier::{
    Algorithm, FetchError, MAX_KEY_SET_BYTES, MAX_STALENESS, MIN_FETCH_INTERVAL,
    MIN_FETCH_INTERVAL_WITHOUT_KEYS, REFRESH_AFTER, REFRESH_FIRST_AFTER, RemoteError,
    RemoteVerifier, VerifyError,
};

use crate::endpoint::{Endpoint, fresh_claims};
use crate::issuer::{AUDIENCE, ISSUER, Issuer, with};

const JWKS: &str = "/jwks.json";
const METADATA: &str = "/internal/.well-known/openid-configuration";

async fn published(issuer: &Issuer) -> (Endpoint, RemoteVerifier) {
    let endpoint = Endpoint::start().await;
    endpoint.put(JWKS, 200, issuer.jwks());
    let verifier = verifier(&endpoint);
    (endpoint, verifier)
}

fn verifier(endpoint: &Endpoint) -> RemoteVerifier {
    RemoteVerifier::builder(endpoint.url(JWKS), ISSUER, AUDIENCE).build().unwrap()
}

async fn time_passes(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}

/// Lets a refresh that runs beside the requests come to its end.
async fn refreshed(endpoint: &Endpoint, hits: usize) {
    while endpoint.hits(JWKS) < hits {
        tokio::task::yield_now().await;
    }
}

fn fetch_error(outcome: Result<symbolon_verifier::Claims, RemoteError>) -> String {
    let error = outcome.unwrap_err();
    assert!(matches!(error, RemoteError::KeysUnavailable(_)), "{error}");
    error.source().unwrap().to_string()
}

#[tokio::test]
async fn token_is_verified_with_the_published_keys() {
    let issuer = Issuer::es256();
    let (endpoint, verifier) = published(&issuer).await;
    assert_eq!(endpoint.hits(JWKS), 0);
    for _ in 0..3 {
        assert_eq!(verifier.verify(&issuer.fresh_token()).await.unwrap().sub, "alice");
    }
    assert_eq!(endpoint.hits(JWKS), 1);
}

#[tokio::test]
async fn requests_that_need_the_same_keys_share_one_fetch() {
    let issuer = Issuer::es256();
    let (endpoint, verifier) = published(&issuer).await;
    let token = issuer.fresh_token();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (verifier, token) = (verifier.clone(), token.clone());
        callers.spawn(async move { verifier.verify(&token).await.is_ok() });
    }
    assert_eq!(callers.join_all().await, [true; 50]);
    assert_eq!(endpoint.hits(JWKS), 1);
}

#[tokio::test]
async fn new_key_is_fetched_when_a_token_names_it() {
    let (old, new) = (Issuer::es256(), Issuer::new(Algorithm::EdDsa, "k2"));
    let (endpoint, verifier) = published(&old).await;
    verifier.verify(&old.fresh_token()).await.unwrap();

    endpoint.put(JWKS, 200, new.jwks());
    time_passes(MIN_FETCH_INTERVAL).await;
    verifier.verify(&new.fresh_token()).await.unwrap();
    let pulled = verifier.verify(&old.fresh_token()).await;
    assert!(matches!(pulled, Err(RemoteError::Token(VerifyError::UnknownKey))));
}

#[tokio::test]
async fn made_up_key_ids_do_not_turn_into_fetches() {
    let issuer = Issuer::es256();
    let (endpoint, verifier) = published(&issuer).await;
    for n in 0..100 {
        let stranger = Issuer::new(Algorithm::EdDsa, &format!("x{n}"));
        let refused = verifier.verify(&stranger.fresh_token()).await;
        assert!(matches!(refused, Err(RemoteError::Token(VerifyError::UnknownKey))));
    }
    assert_eq!(endpoint.hits(JWKS), 1);

    time_passes(MIN_FETCH_INTERVAL).await;
    let stranger = Issuer::new(Algorithm::EdDsa, "x");
    assert!(verifier.verify(&stranger.fresh_token()).await.is_err());
    assert!(verifier.verify(&stranger.fresh_token()).await.is_err());
    assert_eq!(endpoint.hits(JWKS), 2);
}

#[tokio::test]
async fn garbage_does_not_cause_a_fetch() {
    let (endpoint, verifier) = published(&Issuer::es256()).await;
    for garbage in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.AA"] {
        assert!(verifier.verify(garbage).await.is_err());
    }
    assert_eq!(endpoint.hits(JWKS), 0);
}

#[tokio::test]
async fn pulled_key_is_refused_after_a_refresh_beside_the_requests() {
    let (old, new) = (Issuer::es256(), Issuer::new(Algorithm::EdDsa, "k2"));
    let (endpoint, verifier) = published(&old).await;
    verifier.verify(&old.fresh_token()).await.unwrap();
    endpoint.put(JWKS, 200, new.jwks());

    time_passes(REFRESH_AFTER).await;
    verifier.verify(&old.fresh_token()).await.unwrap();
    refreshed(&endpoint, 2).await;
    while verifier.verify(&old.fresh_token()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(endpoint.hits(JWKS), 2);
}

#[tokio::test]
async fn pulled_key_is_refused_at_once_after_a_quiet_time() {
    let (old, new) = (Issuer::es256(), Issuer::new(Algorithm::EdDsa, "k2"));
    let (endpoint, verifier) = published(&old).await;
    verifier.verify(&old.fresh_token()).await.unwrap();
    endpoint.put(JWKS, 200, new.jwks());

    time_passes(REFRESH_FIRST_AFTER).await;
    let refused = verifier.verify(&old.fresh_token()).await;
    assert!(matches!(refused, Err(RemoteError::Token(VerifyError::UnknownKey))));
}

#[tokio::test]
async fn keys_outlive_an_issuer_that_is_away_for_a_day_at_most() {
    let issuer = Issuer::es256();
    let (endpoint, verifier) = published(&issuer).await;
    verifier.verify(&issuer.fresh_token()).await.unwrap();
    endpoint.put(JWKS, 500, "");

    time_passes(MAX_STALENESS.saturating_sub(Duration::from_mins(1))).await;
    verifier.verify(&issuer.fresh_token()).await.unwrap();
    assert_eq!(endpoint.hits(JWKS), 2);
    time_passes(Duration::from_mins(1)).await;
    let refused = fetch_error(verifier.verify(&issuer.fresh_token()).await);
    assert_eq!(refused, "the issuer answered with status 500");

    endpoint.put(JWKS, 200, issuer.jwks());
    time_passes(MIN_FETCH_INTERVAL_WITHOUT_KEYS).await;
    verifier.verify(&issuer.fresh_token()).await.unwrap();
}

#[tokio::test]
async fn issuer_that_is_away_holds_up_one_request_and_no_more() {
    let issuer = Issuer::es256();
    let (endpoint, verifier) = published(&issuer).await;
    verifier.verify(&issuer.fresh_token()).await.unwrap();
    endpoint.put(JWKS, 500, "");
    time_passes(REFRESH_FIRST_AFTER).await;
    verifier.verify(&issuer.fresh_token()).await.unwrap();
    assert_eq!(endpoint.hits(JWKS), 2);

    // Answered before the refresh beside it has had a chance to run.
    time_passes(MIN_FETCH_INTERVAL).await;
    verifier.verify(&issuer.fresh_token()).await.unwrap();
    assert_eq!(endpoint.hits(JWKS), 2);
    refreshed(&endpoint, 3).await;
}

#[tokio::test]
async fn service_may_start_before_its_issuer() {
    let issuer = Issuer::es256();
    let endpoint = Endpoint::start().await;
    let verifier = verifier(&endpoint);
    let refused = fetch_error(verifier.verify(&issuer.fresh_token()).await);
    assert_eq!(refused, "the issuer answered with status 404");

    endpoint.put(JWKS, 200, issuer.jwks());
    assert!(verifier.verify(&issuer.fresh_token()).await.is_err());
    time_passes(MIN_FETCH_INTERVAL_WITHOUT_KEYS).await;
    verifier.verify(&issuer.fresh_token()).await.unwrap();
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let issuer = Issuer::es256();
    let endpoint = Endpoint::start().await;
    endpoint.put("/elsewhere", 200, issuer.jwks());
    endpoint.redirect(JWKS, &endpoint.url("/elsewhere"));
    let refused = fetch_error(verifier(&endpoint).verify(&issuer.fresh_token()).await);
    assert_eq!(refused, "the issuer answered with status 302");
    assert_eq!(endpoint.hits("/elsewhere"), 0);
}

#[tokio::test]
async fn answer_that_is_too_large_or_not_a_key_set_is_refused() {
    let issuer = Issuer::es256();
    for (body, why) in [
        (vec![b' '; MAX_KEY_SET_BYTES + 1], "the issuer's answer is larger than 65536 bytes"),
        (b"<html>".to_vec(), "the key set is not a JWK set"),
    ] {
        let endpoint = Endpoint::start().await;
        endpoint.put(JWKS, 200, body);
        assert_eq!(fetch_error(verifier(&endpoint).verify(&issuer.fresh_token()).await), why);
    }
}

#[tokio::test(start_paused = true)]
async fn issuer_that_never_answers_is_given_up() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks.json", silent.local_addr().unwrap());
    let verifier = RemoteVerifier::builder(url, ISSUER, AUDIENCE).build().unwrap();
    let refused = fetch_error(verifier.verify(&Issuer::es256().fresh_token()).await);
    assert_eq!(refused, "the issuer did not answer within 5 s");
}

#[tokio::test]
async fn keys_are_found_through_the_metadata() {
    let issuer = Issuer::es256();
    let endpoint = Endpoint::start().await;
    let name = endpoint.url("/internal");
    endpoint.put(JWKS, 200, issuer.jwks());
    let metadata = json!({"issuer": name, "jwks_uri": endpoint.url(JWKS), "other": [1]});
    endpoint.put(METADATA, 200, metadata.to_string());

    let verifier = RemoteVerifier::discover(&name, AUDIENCE).build().unwrap();
    let claims = with(fresh_claims(), "iss", json!(name));
    verifier.verify(&issuer.token(&claims)).await.unwrap();
}

#[tokio::test]
async fn metadata_of_another_issuer_or_with_keys_elsewhere_is_refused() {
    let (endpoint, elsewhere) = (Endpoint::start().await, Endpoint::start().await);
    elsewhere.put(JWKS, 200, Issuer::es256().jwks());
    let name = endpoint.url("/internal");
    for metadata in [
        json!({"issuer": "http://other.example", "jwks_uri": endpoint.url(JWKS)}),
        json!({"issuer": name, "jwks_uri": elsewhere.url(JWKS)}),
        json!({"issuer": name, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": name}),
    ] {
        endpoint.put(METADATA, 200, metadata.to_string());
        let verifier = RemoteVerifier::discover(&name, AUDIENCE).build().unwrap();
        fetch_error(verifier.verify(&Issuer::es256().fresh_token()).await);
    }
    assert_eq!((endpoint.hits(JWKS), elsewhere.hits(JWKS)), (0, 0));
}

#[test]
fn address_has_to_be_plain_http_without_credentials() {
    for url in ["https://a.example/k", "/k", "a.example", "file:///k", "http://u:p@a.example/k", ""]
    {
        let built = RemoteVerifier::builder(url, ISSUER, AUDIENCE).build();
        assert!(matches!(built, Err(FetchError::Address { address }) if address == url), "{url}");
    }
}
