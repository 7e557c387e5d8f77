//! Which published keys are used, skipped or refused.

use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use serde_json::{Value, json};

use super::{JwkSet, KeySet, KeySetError, MAX_KEY_SET_BYTES, MAX_KEYS};
use crate::{Algorithm, Jwk};

/// The P-256 key of RFC 7515 A.3, public part.
fn ec(kid: &str) -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "kid": kid,
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

/// The Ed25519 key of RFC 8037 A.2.
fn okp(kid: &str) -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519", "kid": kid,
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

fn with(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

fn keys(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

#[test]
fn one_key_has_one_algorithm() {
    let set = keys(&[ec("a"), okp("b")]);
    assert_eq!(set.find("a").unwrap().algorithm(), Algorithm::Es256);
    assert_eq!(set.find("b").unwrap().algorithm(), Algorithm::EdDsa);
    assert!(set.find("c").is_none());
}

#[test]
fn keys_that_are_not_ours_are_skipped() {
    let skipped = [
        json!({"kty": "oct", "kid": "x", "k": "AAAA"}),
        json!({"kty": "EC", "crv": "P-384", "kid": "x", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "kid": "x", "x": "AA"}),
        json!({"kty": "new", "kid": {"nested": true}}),
        json!("not an object"),
        with(ec("x"), "use", json!("enc")),
        with(ec("x"), "key_ops", json!(["sign"])),
        with(ec("x"), "alg", json!("ES384")),
        with(ec("x"), "alg", json!("HS256")),
        with(ec("x"), "kid", Value::Null),
        with(ec("x"), "x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVE")),
        // A point that is not on the curve.
        with(ec("x"), "x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEQ")),
    ];
    for key in skipped {
        let set = keys(&[key.clone(), okp("good")]);
        assert_eq!((set.len(), set.contains("good")), (1, true), "{key}");
    }
}

#[test]
fn key_with_a_private_member_is_skipped() {
    assert!(keys(&[with(ec("x"), "d", json!("jpsQnnGQmL"))]).is_empty());
    assert!(keys(&[with(okp("x"), "d", json!(""))]).is_empty());
}

#[test]
fn short_rsa_key_is_skipped() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    // RFC 8017 A.1.1: the modulus stands at offset 9 of a 2048-bit key, the exponent at the end.
    let der = pair.public_key().as_ref();
    let (modulus, exponent) = (der[9..265].to_vec(), der[267..].to_vec());

    let good = Jwk::rsa("good", modulus.clone(), exponent.clone());
    let mut short = modulus.clone();
    short.pop();
    let short = Jwk::rsa("short", short, exponent);
    let published = serde_json::to_vec(&JwkSet { keys: vec![good, short] }).unwrap();
    let read = KeySet::parse(&published).unwrap();
    assert!(read.contains("good") && !read.contains("short"));
}

#[test]
fn published_keys_are_read_back() {
    let set =
        JwkSet { keys: vec![Jwk::ec_p256("a", [1; 32], [2; 32]), Jwk::ed25519("b", [3; 32])] };
    let text = serde_json::to_string(&set).unwrap();
    assert_eq!(JwkSet::parse(text.as_bytes()).unwrap(), set);
    assert!(text.contains(r#""kty":"OKP","crv":"Ed25519""#) && text.contains(r#""use":"sig""#));
}

#[test]
fn two_keys_of_one_id_are_refused() {
    let set = json!({ "keys": [ec("a"), okp("a")] }).to_string();
    let refused = KeySet::parse(set.as_bytes());
    assert!(matches!(refused, Err(KeySetError::DuplicateKeyId { kid }) if kid == "a"));
}

#[test]
fn set_without_keys_accepts_nothing() {
    assert!(keys(&[]).is_empty());
    for malformed in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        let refused = KeySet::parse(malformed.as_bytes());
        assert!(matches!(refused, Err(KeySetError::Malformed(_))), "{malformed}");
    }
}

#[test]
fn set_is_bounded() {
    let many: Vec<_> = (0..=MAX_KEYS).map(|n| ec(&n.to_string())).collect();
    let many = json!({ "keys": many }).to_string();
    assert!(matches!(KeySet::parse(many.as_bytes()), Err(KeySetError::TooManyKeys)));

    let large = format!(r#"{{"keys":[]{}}}"#, " ".repeat(MAX_KEY_SET_BYTES));
    assert!(matches!(KeySet::parse(large.as_bytes()), Err(KeySetError::TooLarge)));
}
