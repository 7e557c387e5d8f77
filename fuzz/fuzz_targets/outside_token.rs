//! No bytes that were not signed are verified with any kind of key, keys and key sets parse or are
//! refused, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_core::jwt::{Algorithm, KeySet, Unverified, VerifyingKey};

const P256: &str = r#"{"kty":"EC","crv":"P-256","kid":"1",
"x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

fuzz_target!(|text: &str| {
    let keys = [
        VerifyingKey::secret(Algorithm::Hs256, &[7; 32]),
        VerifyingKey::public(Algorithm::Es256, P256),
    ];
    for key in keys {
        let Ok(key) = key else { panic!("the keys are well-formed") };
        let Ok(token) = Unverified::parse(text) else { break };
        let _ = (token.alg(), token.kid(), token.claimed("iss"), token.claimed("a.b.c"));
        assert!(token.verify(&key).is_err());
    }
    for algorithm in [Algorithm::Rs256, Algorithm::Es512, Algorithm::EdDsa] {
        let _ = VerifyingKey::public(algorithm, text);
    }
    if let (Ok(set), Ok(token)) =
        (KeySet::parse(text.as_bytes(), &Algorithm::ALL), Unverified::parse(text))
    {
        let _ = set.find(&token);
    }
});
