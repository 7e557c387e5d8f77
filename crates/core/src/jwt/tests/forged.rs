//! What somebody could try: no algorithm chosen by the token, no key of its own, no second
//! spelling, no length that is not the right one.

use aws_lc_rs::rsa::KeySize;
use serde_json::{Value, json};

use super::signer::SECRET;
use super::*;

fn claims() -> Value {
    json!({ "iss": "https://issuer.example", "sub": "alice", "exp": NOW + 60 })
}

fn refusal(token: &str, key: &VerifyingKey) -> JwtError {
    match Unverified::parse(token).and_then(|token| token.verify(key)) {
        Ok(_) => panic!("accepted: {token}"),
        Err(error) => error,
    }
}

/// The token with another signature.
fn with_signature(token: &str, signature: &[u8]) -> String {
    use base64::Engine as _;
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(signature);
    format!("{}.{signature}", token.rsplit_once('.').unwrap().0)
}

fn signature(token: &str) -> Vec<u8> {
    use base64::Engine as _;
    let signature = token.rsplit_once('.').unwrap().1;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signature).unwrap()
}

#[test]
fn every_algorithm_verifies_what_its_own_key_signed_and_nothing_else() {
    let signers = Algorithm::ALL.map(Signer::new);
    for signer in &signers {
        let token = signer.plain(&claims());
        for other in &signers {
            let outcome = Unverified::parse(&token).unwrap().verify(&other.key());
            let expected = if signer.algorithm == other.algorithm {
                assert_eq!(outcome.unwrap().claims.text("sub"), Some("alice"));
                continue;
            } else {
                JwtError::Algorithm
            };
            assert_eq!(outcome.unwrap_err(), expected, "{} {}", signer.algorithm, other.algorithm);
        }
        // The right algorithm, another key.
        if !signer.algorithm.is_symmetric() {
            let stranger = Signer::new(signer.algorithm).key();
            assert_eq!(refusal(&token, &stranger), JwtError::Signature);
        }
    }
}

#[test]
fn larger_rsa_keys_verify_too() {
    for size in [KeySize::Rsa3072, KeySize::Rsa4096] {
        for algorithm in [Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512, Algorithm::Rs512] {
            let signer = Signer::of_size(algorithm, size);
            let token = signer.plain(&claims());
            assert!(Unverified::parse(&token).unwrap().verify(&signer.key()).is_ok());
            // The signature of a smaller key has another length.
            let smaller = Signer::new(algorithm).plain(&claims());
            assert_eq!(refusal(&smaller, &signer.key()), JwtError::Signature);
        }
    }
}

#[test]
fn public_key_is_no_secret() {
    // The oldest trick: the published key, in any of its spellings, as the secret of HS256.
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa] {
        let signer = Signer::new(algorithm);
        let hs = Signer::new(Algorithm::Hs256).token(&json!({ "alg": "HS256" }), &claims());
        assert_eq!(refusal(&hs, &signer.key()), JwtError::Algorithm);
        // With a header that lies about it.
        let header = json!({ "alg": algorithm.name() });
        let lying = Signer::new(Algorithm::Hs256).token(&header, &claims());
        assert_eq!(refusal(&lying, &signer.key()), JwtError::Signature);
        assert_eq!(
            VerifyingKey::public(Algorithm::Hs256, &signer.pem()).unwrap_err(),
            KeyError::Kind
        );
    }
}

#[test]
fn none_is_refused_in_every_spelling() {
    let key = Signer::new(Algorithm::Hs256).key();
    for name in ["none", "None", "NONE", "nOnE"] {
        let token = Signer::new(Algorithm::Hs256).token(&json!({ "alg": name }), &claims());
        assert_eq!(refusal(&token, &key), JwtError::Unsigned);
    }
    for name in ["", "hs256", "HS256 ", "HS1", "ES256K", "EdDSA"] {
        let token = Signer::new(Algorithm::Hs256).token(&json!({ "alg": name }), &claims());
        assert_eq!(refusal(&token, &key), JwtError::Algorithm, "{name:?}");
    }
}

#[test]
fn wrong_length_is_a_wrong_signature() {
    for signer in Algorithm::ALL.map(Signer::new) {
        let (token, key) = (signer.plain(&claims()), signer.key());
        let right = signature(&token);
        let halves = [&[0], &right[..], &[0]].concat();
        let zeros = vec![0; right.len()];
        let ones = vec![0xff; right.len()];
        let others: [&[u8]; 9] = [
            &right[..1],
            &right[..right.len() - 1],
            &right[1..],
            &right[..right.len() / 2],
            &halves,
            &halves[..halves.len() - 1],
            &zeros,
            &ones,
            &[0; 1024],
        ];
        for other in others {
            let forged = with_signature(&token, other);
            assert_eq!(refusal(&forged, &key), JwtError::Signature, "{}", signer.algorithm);
        }
    }
}

#[test]
fn every_changed_character_is_refused() {
    for algorithm in [Algorithm::Hs256, Algorithm::Es256, Algorithm::EdDsa] {
        let signer = Signer::new(algorithm);
        let (token, key) = (signer.plain(&claims()), signer.key());
        for at in 0..token.len() {
            for other in ["A", "b", "-", ".", "=", "/", " "] {
                if token[at..=at] != *other {
                    let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                    refusal(&changed, &key);
                }
            }
            refusal(&token[..at], &key);
        }
    }
}

#[test]
fn header_that_brings_a_key_or_an_extension_is_refused() {
    let signer = Signer::new(Algorithm::Hs256);
    let cases = [
        ("jwk", json!({ "kty": "oct", "k": "AAAA" }), JwtError::EmbeddedKey),
        ("jku", json!("https://evil.example/jwks"), JwtError::EmbeddedKey),
        ("x5u", json!("https://evil.example/x"), JwtError::EmbeddedKey),
        ("x5c", json!(["AAAA"]), JwtError::EmbeddedKey),
        ("crit", json!(["exp"]), JwtError::Critical),
        ("crit", json!([]), JwtError::Critical),
        ("b64", json!(false), JwtError::Critical),
        ("enc", json!("A128GCM"), JwtError::Encrypted),
        ("zip", json!("DEF"), JwtError::Encrypted),
        ("kid", json!(1), JwtError::Header),
        ("typ", json!(["JWT"]), JwtError::Header),
    ];
    for (name, value, expected) in cases {
        let mut header = json!({ "alg": "HS256" });
        header[name] = value;
        assert_eq!(refusal(&signer.token(&header, &claims()), &signer.key()), expected, "{name}");
    }
    // Names of certificates and whatever else people put there say nothing.
    let header = json!({ "alg": "HS256", "x5t": "AAAA", "cty": "x", "nonce": "n" });
    assert!(Unverified::parse(&signer.token(&header, &claims())).is_ok());
}

#[test]
fn encrypted_token_is_refused() {
    let jwe =
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(Unverified::parse(jwe).unwrap_err(), JwtError::Encrypted);
}

#[test]
fn name_that_appears_twice_is_refused() {
    let signer = Signer::new(Algorithm::Hs256);
    let key = signer.key();
    let header = r#"{"alg":"HS256","alg":"HS256"}"#;
    assert_eq!(refusal(&signer.sign(header, r#"{"exp":1}"#), &key), JwtError::Header);
    let header = r#"{"alg":"HS256"}"#;
    for claims in
        [r#"{"exp":1,"exp":2}"#, r#"{"a":{"b":1,"b":2}}"#, r#"{"sub":"a","s\u0075b":"b"}"#]
    {
        assert_eq!(refusal(&signer.sign(header, claims), &key), JwtError::Claims, "{claims}");
    }
}

#[test]
fn second_spelling_is_refused() {
    let signer = Signer::new(Algorithm::Hs256);
    let (token, key) = (signer.plain(&claims()), signer.key());
    let (input, end) = token.rsplit_once('.').unwrap();
    let last = end.as_bytes()[end.len() - 1];
    // 32 bytes leave two bits over in the last character; only zeros are canonical.
    let sibling = char::from(last + 1);
    for forged in [
        format!("{token}="),
        format!("{token}\n"),
        format!("{token}."),
        format!(" {token}"),
        format!("{input}.{}{sibling}", &end[..end.len() - 1]),
        format!("{}={}", &token[..10], &token[10..]),
        token.replace('.', ".."),
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "a.b".into(),
        "a.b.c".into(),
        "a.b.c.d".into(),
    ] {
        refusal(&forged, &key);
    }
    let long = signer.plain(&json!({ "exp": NOW, "x": "x".repeat(MAX_TOKEN_BYTES) }));
    assert_eq!(refusal(&long, &key), JwtError::TooLong);
    assert!(VerifyingKey::secret(Algorithm::Hs256, &SECRET[..31]).is_err());
}
