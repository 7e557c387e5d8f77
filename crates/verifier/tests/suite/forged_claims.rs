//! Claims that are well signed but not for this service or not for now.

use serde_json::json;
use symbolon_verifier::VerifyError;

use crate::issuer::{ISSUER, Issuer, NOW, claims, with, without};
use crate::refusal::refused_claims;

#[test]
fn token_for_another_service_is_refused() {
    for audience in ["profile", "Orders", "orders ", ""] {
        refused_claims(&with(claims(), "aud", json!(audience)), VerifyError::Audience);
    }
    for audience in [json!(["orders"]), json!(["orders", "profile"]), json!(null)] {
        refused_claims(&with(claims(), "aud", audience), VerifyError::Claims);
    }
}

#[test]
fn token_of_another_issuer_is_refused() {
    for issuer in [&format!("{ISSUER}/"), "https://shop.example", ""] {
        refused_claims(&with(claims(), "iss", json!(issuer)), VerifyError::Issuer);
    }
}

#[test]
fn token_is_valid_in_its_time_only() {
    let issuer = Issuer::es256();
    let token = issuer.token(&claims());
    let at = |now| issuer.verifier().verify(&token, now).map(|_| ());

    assert_eq!(at(NOW - 6), Err(VerifyError::NotYetValid));
    assert_eq!(at(NOW - 5), Ok(()));
    assert_eq!(at(NOW + 64), Ok(()));
    assert_eq!(at(NOW + 65), Err(VerifyError::Expired));
    assert_eq!(at(i64::MAX), Err(VerifyError::Expired));
    assert_eq!(at(i64::MIN), Err(VerifyError::NotYetValid));
}

#[test]
fn leeway_is_capped() {
    let issuer = Issuer::es256();
    let verifier = issuer.verifier().with_leeway(std::time::Duration::MAX);
    let token = issuer.token(&claims());
    assert!(verifier.verify(&token, NOW + 119).is_ok());
    assert_eq!(verifier.verify(&token, NOW + 120), Err(VerifyError::Expired));
}

#[test]
fn lifetime_of_a_session_is_not_that_of_an_internal_token() {
    refused_claims(&with(claims(), "exp", json!(NOW + 601)), VerifyError::Lifetime);
    refused_claims(&with(claims(), "exp", json!(i64::MAX)), VerifyError::Lifetime);
    refused_claims(&with(claims(), "iat", json!(i64::MIN)), VerifyError::Lifetime);
    refused_claims(&with(claims(), "exp", json!(NOW)), VerifyError::Lifetime);
}

#[test]
fn times_that_are_not_whole_seconds_are_refused() {
    for exp in [json!("1800000060"), json!(1.8e9), json!(null), json!(u64::MAX), json!([NOW])] {
        refused_claims(&with(claims(), "exp", exp), VerifyError::Claims);
    }
}

#[test]
fn not_before_is_respected() {
    refused_claims(&with(claims(), "nbf", json!(NOW + 6)), VerifyError::NotYetValid);
    refused_claims(&with(claims(), "nbf", json!("soon")), VerifyError::Claims);
}

#[test]
fn missing_claim_is_refused() {
    for name in ["iss", "sub", "aud", "exp", "iat", "jti"] {
        refused_claims(&without(claims(), name), VerifyError::Claims);
    }
}
