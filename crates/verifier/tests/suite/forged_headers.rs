//! Headers that an attacker would write: other algorithms, other keys, other types.

use aws_lc_rs::hmac;
use serde_json::json;
use symbolon_verifier::{Algorithm, VerifyError};

use crate::issuer::{Issuer, NOW, base64url, claims, with, without};
use crate::refusal::{refused, refused_header};

#[test]
fn unsigned_token_is_refused() {
    let issuer = Issuer::es256();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(issuer.header(), "alg", json!(alg)).to_string();
        let input = format!("{}.{}", base64url(header), base64url(claims().to_string()));
        refused(&issuer, &format!("{input}."), VerifyError::NotCompactJws);
        refused(&issuer, &format!("{input}.AA"), VerifyError::Algorithm);
    }
}

#[test]
fn public_key_used_as_hmac_secret_is_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let issuer = Issuer::new(algorithm, "k1");
        let header = with(issuer.header(), "alg", json!("HS256")).to_string();
        let input = format!("{}.{}", base64url(header), base64url(claims().to_string()));
        for secret in [issuer.jwks(), serde_json::to_vec(&issuer.jwk()).unwrap()] {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            let signature = base64url(hmac::sign(&key, input.as_bytes()));
            refused(&issuer, &format!("{input}.{signature}"), VerifyError::Algorithm);
        }
    }
}

#[test]
fn algorithm_of_another_key_is_refused() {
    let issuer = Issuer::es256();
    for alg in ["EdDSA", "RS256", "ES384", "es256", "PS256", "ES256K"] {
        refused_header(&with(issuer.header(), "alg", json!(alg)), VerifyError::Algorithm);
    }
}

#[test]
fn key_of_an_algorithm_the_service_does_not_accept_is_refused() {
    let issuer = Issuer::new(Algorithm::EdDsa, "k1");
    let token = issuer.token(&claims());
    let at =
        |accepted: &[Algorithm]| issuer.verifier().with_algorithms(accepted).verify(&token, NOW);
    assert!(at(&[Algorithm::Es256, Algorithm::EdDsa]).is_ok());
    assert_eq!(at(&[Algorithm::Es256, Algorithm::Rs256]), Err(VerifyError::Algorithm));
    assert_eq!(at(&[]), Err(VerifyError::Algorithm));
}

#[test]
fn unknown_or_missing_key_id_is_refused() {
    let header = Issuer::es256().header();
    for kid in ["k2", "K1", "k1 ", "../../../../dev/null", "' OR 1=1 --", ""] {
        refused_header(&with(header.clone(), "kid", json!(kid)), VerifyError::UnknownKey);
    }
    refused_header(&without(header.clone(), "kid"), VerifyError::Header);
    refused_header(&with(header, "kid", json!(["k1"])), VerifyError::Header);
}

#[test]
fn header_that_brings_its_own_key_is_refused() {
    let issuer = Issuer::es256();
    for (name, value) in [
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("x5u", json!("http://127.0.0.1:1/chain.pem")),
        ("jwk", serde_json::to_value(issuer.jwk()).unwrap()),
        ("x5c", json!(["MIIB"])),
        ("x5t#S256", json!("AA")),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("p2c", json!(2_147_483_647)),
    ] {
        refused_header(&with(issuer.header(), name, value), VerifyError::Header);
    }
}

#[test]
fn token_of_another_type_is_refused() {
    let header = Issuer::es256().header();
    for typ in ["JWT", "id+jwt", "logout+jwt", "dpop+jwt", "text/at+jwt", "at+jwt ", ""] {
        refused_header(&with(header.clone(), "typ", json!(typ)), VerifyError::TokenType);
    }
    refused_header(&without(header, "typ"), VerifyError::TokenType);
}

#[test]
fn type_is_compared_without_case_and_prefix() {
    let issuer = Issuer::es256();
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let header = with(issuer.header(), "typ", json!(typ)).to_string();
        let token = issuer.token_of(header, claims().to_string());
        assert!(issuer.verifier().verify(&token, NOW).is_ok(), "{typ}");
    }
}
