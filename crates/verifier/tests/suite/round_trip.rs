//! Properties: what the issuer mints is read back unchanged, and no changed byte goes unnoticed.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Map, Value};
use symbolon_verifier::{Algorithm, Claims};

use crate::issuer::{AUDIENCE, ISSUER, Issuer, NOW, claims};

static ISSUERS: LazyLock<[Issuer; 3]> = LazyLock::new(|| {
    [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256]
        .map(|algorithm| Issuer::new(algorithm, algorithm.name()))
});

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            any_object(inner).prop_map(Value::from),
        ]
    })
}

fn any_object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any::<String>(), value, 0..4)
        .prop_map(|members| members.into_iter().collect())
}

fn any_claims() -> impl Strategy<Value = Claims> {
    let names = || prop::collection::vec(any::<String>(), 0..3);
    let name = || prop::option::of(any::<String>());
    (
        (any::<String>(), any::<String>(), -4..=0_i64, 1..=500_i64),
        (name(), name(), name(), name()),
        (names(), names(), names()),
        (prop::option::of(any::<i64>()), any_object(any_json()), prop::option::of(any::<u64>())),
    )
        .prop_map(|(token, named, lists, session)| {
            let (sub, jti, age, lifetime) = token;
            let (client_id, sid, acr, scope) = named;
            let (amr, roles, groups) = lists;
            let (auth_time, session, generation) = session;
            let iat = NOW + age;
            Claims {
                iss: ISSUER.into(),
                aud: AUDIENCE.into(),
                exp: iat + lifetime,
                iat,
                sub,
                jti,
                client_id,
                sid,
                acr,
                amr,
                auth_time,
                roles,
                groups,
                scope,
                session,
                generation,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn minted_claims_are_read_back_unchanged(claims in any_claims()) {
        for issuer in ISSUERS.iter() {
            let token = issuer.mint(&claims);
            prop_assert_eq!(issuer.verifier().verify(&token, NOW), Ok(claims.clone()));
        }
    }

    #[test]
    fn any_text_is_refused_without_panic(text in "\\PC{0,200}|[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(ISSUERS[0].verifier().verify(&text, NOW).is_err());
    }

    #[test]
    fn signed_junk_is_refused_without_panic(
        header in prop::collection::vec(any::<u8>(), 0..64),
        payload in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let issuer = &ISSUERS[0];
        let verifier = issuer.verifier();
        let good_header = issuer.header().to_string();
        prop_assert!(verifier.verify(&issuer.token_of(&header, &payload), NOW).is_err());
        prop_assert!(verifier.verify(&issuer.token_of(good_header, &payload), NOW).is_err());
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    for issuer in ISSUERS.iter() {
        let token = issuer.token(&claims());
        let verifier = issuer.verifier();
        assert!(verifier.verify(&token, NOW).is_ok());
        for position in 0..token.len() {
            for other in [b'A', b'Z', b'9', b'_', b'.', b' ', token.as_bytes()[position] ^ 1] {
                let mut changed = token.clone().into_bytes();
                if changed[position] == other {
                    continue;
                }
                changed[position] = other;
                let changed = String::from_utf8(changed).unwrap();
                assert!(verifier.verify(&changed, NOW).is_err(), "{position} {changed}");
            }
        }
        for length in 0..token.len() {
            assert!(verifier.verify(&token[..length], NOW).is_err(), "{length}");
        }
    }
}
