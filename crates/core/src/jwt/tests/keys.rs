//! Keys as people and issuers give them.

use aws_lc_rs::rsa::KeySize;
use serde_json::{Value, json};

use super::*;

fn with(mut jwk: Value, members: &[(&str, &str)]) -> Value {
    for (name, value) in members {
        jwk[*name] = json!(value);
    }
    jwk
}

fn set(keys: &[Value], accepted: &[Algorithm]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), accepted).unwrap()
}

fn find(set: &KeySet, token: &str) -> Result<(), JwtError> {
    let token = Unverified::parse(token).unwrap();
    let key = set.find(&token)?.clone();
    token.verify(&key).map(drop)
}

#[test]
fn pem_and_jwk_are_the_same_key() {
    for algorithm in Algorithm::ALL.into_iter().filter(|one| !one.is_symmetric()) {
        let signer = Signer::new(algorithm);
        let token = signer.plain(&json!({}));
        for text in [signer.pem(), signer.jwk().to_string()] {
            let key = VerifyingKey::public(algorithm, &text).unwrap();
            assert!(Unverified::parse(&token).unwrap().verify(&key).is_ok(), "{algorithm}");
        }
    }
}

#[test]
fn bare_rsa_key_is_read_too() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    for size in [KeySize::Rsa2048, KeySize::Rsa4096] {
        let signer = Signer::of_size(Algorithm::Rs256, size);
        let pem = signer.pem();
        let body: String =
            pem.lines().filter(|line| !line.starts_with("-----")).collect::<Vec<_>>().concat();
        // The key stands behind 24 bytes that say what it is.
        let bare = STANDARD.encode(&STANDARD.decode(body).unwrap()[24..]);
        let pem = format!("-----BEGIN RSA PUBLIC KEY-----\n{bare}\n-----END RSA PUBLIC KEY-----");
        let key = VerifyingKey::public(Algorithm::Rs256, &pem).unwrap();
        let token = signer.plain(&json!({}));
        assert!(Unverified::parse(&token).unwrap().verify(&key).is_ok());
    }
}

#[test]
fn key_of_another_kind_is_refused() {
    let signers: Vec<Signer> =
        [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa]
            .map(Signer::new)
            .into();
    for signer in &signers {
        for other in signers.iter().filter(|other| other.algorithm != signer.algorithm) {
            for text in [signer.pem(), signer.jwk().to_string()] {
                let outcome = VerifyingKey::public(other.algorithm, &text);
                assert_eq!(outcome.unwrap_err(), KeyError::Kind, "{}", other.algorithm);
            }
        }
    }
}

#[test]
fn what_is_no_public_key_is_refused() {
    let es = Signer::new(Algorithm::Es256);
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    let cases = [
        (String::new(), KeyError::Malformed),
        ("secret".into(), KeyError::Malformed),
        (private.into(), KeyError::Private),
        (private.replace("PRIVATE", "EC PRIVATE"), KeyError::Private),
        (private.replace("PRIVATE", "PUBLIC"), KeyError::Kind),
        (es.pem() + &es.pem(), KeyError::Malformed),
        (es.pem().replace("END PUBLIC", "END RSA PUBLIC"), KeyError::Malformed),
        ("{}".into(), KeyError::Malformed),
        (with(es.jwk(), &[("d", "AAAA")]).to_string(), KeyError::Private),
        (with(es.jwk(), &[("use", "enc")]).to_string(), KeyError::OtherPurpose),
        (with(es.jwk(), &[("alg", "ES384")]).to_string(), KeyError::OtherPurpose),
        (with(es.jwk(), &[("x", "AAAA")]).to_string(), KeyError::Malformed),
        (with(es.jwk(), &[("y", es.jwk()["x"].as_str().unwrap())]).to_string(), KeyError::Kind),
        (r#"{"kty":"EC","kty":"EC"}"#.into(), KeyError::Malformed),
    ];
    for (text, expected) in cases {
        let outcome = VerifyingKey::public(Algorithm::Es256, &text);
        assert_eq!(outcome.unwrap_err(), expected, "{text}");
    }
    let small = json!({ "kty": "RSA", "n": "v".repeat(170) + "w", "e": "AQAB" }).to_string();
    assert_eq!(VerifyingKey::public(Algorithm::Rs256, &small).unwrap_err(), KeyError::Bits);
}

#[test]
fn secret_is_as_long_as_its_hash() {
    for (algorithm, length) in
        [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)]
    {
        let secret = vec![7; length];
        assert!(VerifyingKey::secret(algorithm, &secret).is_ok());
        let short = VerifyingKey::secret(algorithm, &secret[1..]);
        assert_eq!(short.unwrap_err(), KeyError::ShortSecret(length));
    }
    assert_eq!(VerifyingKey::secret(Algorithm::Rs256, &[7; 64]).unwrap_err(), KeyError::Kind);
}

#[test]
fn key_of_a_set_is_chosen_by_its_id_and_never_by_the_algorithm_alone() {
    let (one, two) = (Signer::new(Algorithm::Es256), Signer::new(Algorithm::Es256));
    let keys = [with(one.jwk(), &[("kid", "1")]), with(two.jwk(), &[("kid", "2")])];
    let set = set(&keys, &[Algorithm::Es256]);
    let token = |signer: &Signer, kid: &str| {
        signer.token(&json!({ "alg": "ES256", "kid": kid }), &json!({}))
    };
    assert_eq!(find(&set, &token(&one, "1")), Ok(()));
    assert_eq!(find(&set, &token(&two, "2")), Ok(()));
    assert_eq!(find(&set, &token(&two, "1")), Err(JwtError::Signature));
    assert_eq!(find(&set, &token(&one, "3")), Err(JwtError::UnknownKey));
    // Two keys would do, so it has to say which.
    assert_eq!(find(&set, &one.plain(&json!({}))), Err(JwtError::UnknownKey));
    let wrong =
        Signer::new(Algorithm::EdDsa).token(&json!({ "alg": "EdDSA", "kid": "1" }), &json!({}));
    assert_eq!(find(&set, &wrong), Err(JwtError::Algorithm));
}

#[test]
fn set_with_one_key_needs_no_id() {
    let signer = Signer::new(Algorithm::Rs256);
    let set = set(&[signer.jwk()], &[Algorithm::Rs256, Algorithm::Es256]);
    assert_eq!(find(&set, &signer.plain(&json!({}))), Ok(()));
    // A token that names a key does not mean one without a name.
    let named = signer.token(&json!({ "alg": "RS256", "kid": "1" }), &json!({}));
    assert_eq!(find(&set, &named), Err(JwtError::UnknownKey));
}

#[test]
fn key_that_cannot_be_used_is_left_out() {
    let (es, rs) = (Signer::new(Algorithm::Es256), Signer::new(Algorithm::Rs256));
    let left_out = [
        with(es.jwk(), &[("use", "enc")]),
        with(es.jwk(), &[("d", "AAAA")]),
        with(es.jwk(), &[("alg", "ES384")]),
        with(rs.jwk(), &[("alg", "RS512")]),
        with(rs.jwk(), &[("kty", "oct")]),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44" }),
        json!("key"),
        json!(null),
    ];
    let set = set(&left_out, &[Algorithm::Es256, Algorithm::Rs256]);
    assert_eq!((set.len(), set.left_out()), (0, left_out.len()));
    // Two RSA algorithms are accepted and the key does not say which is its own.
    let accepted = [Algorithm::Rs256, Algorithm::Ps256];
    assert_eq!(self::set(&[rs.jwk()], &accepted).len(), 0);
    assert_eq!(self::set(&[with(rs.jwk(), &[("alg", "PS256")])], &accepted).len(), 1);
}

#[test]
fn set_that_is_none_is_refused() {
    let es = with(Signer::new(Algorithm::Es256).jwk(), &[("kid", "1")]);
    let parse = |json: &str| KeySet::parse(json.as_bytes(), &[Algorithm::Es256]);
    for text in ["", "[]", "{}", "<html>", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(matches!(parse(text), Err(KeySetError::Malformed(_))), "{text}");
    }
    let twice = json!({ "keys": [es, es] }).to_string();
    assert!(matches!(parse(&twice), Err(KeySetError::DuplicateKeyId { .. })));
    let many = json!({ "keys": vec![json!({}); MAX_KEYS + 1] }).to_string();
    assert!(matches!(parse(&many), Err(KeySetError::TooManyKeys)));
    let huge = " ".repeat(MAX_KEY_SET_BYTES + 1);
    assert!(matches!(parse(&huge), Err(KeySetError::TooLarge)));
    assert!(parse(r#"{"keys":[]}"#).unwrap().is_empty());
}
