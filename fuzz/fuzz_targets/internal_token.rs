//! No bytes that were not signed are verified, and none make the verifier panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_verifier::{KeySet, Verifier};

const KEYS: &[u8] = br#"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"1",
"x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

fuzz_target!(|token: &str| {
    let Ok(keys) = KeySet::parse(KEYS) else { panic!("the keys are well-formed") };
    let verifier = Verifier::new("https://issuer.example", "orders", keys);
    assert!(verifier.verify(token, 1_780_000_000).is_err());
});
