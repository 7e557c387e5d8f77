//! Minted tokens, as a service sees them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use symbolon_verifier::{Claims, KeySet, MAX_LIFETIME, Verifier, VerifyError};

use super::*;
use crate::id::{ClientId, SessionId, SubjectId};
use crate::random::OsRandom;
use crate::session::{Authentication, Authorization, Generation, Patch, Session, SessionData};
use crate::token::TokenHash;

const NOW: i64 = 1_780_000_000;

fn session() -> Session {
    let patch = json!({"cart": [{"sku": "x-1"}], "locale": "el"}).to_string();
    Session {
        id: SessionId::from_bytes([7; 16]),
        token: TokenHash::from_bytes([9; 32]),
        generation: Generation(4),
        subject: "alice".parse::<SubjectId>().unwrap(),
        client: None,
        authentication: Authentication {
            amr: ["pwd".into(), "otp".into()].into(),
            acr: "mfa".into(),
            at: at(NOW - 100),
        },
        authorization: Arc::new(Authorization {
            scopes: vec!["orders:read".into(), "profile".into()],
            roles: vec!["customer".parse().unwrap()],
            groups: vec!["Staff".into()],
        }),
        created_at: at(NOW - 100),
        last_seen: at(NOW),
        idle_timeout: Duration::from_mins(30),
        expires_at: at(NOW + 1000),
        device: None,
        data: SessionData::default().merged(&Patch::parse(patch.as_bytes()).unwrap()).unwrap(),
    }
}

fn ring() -> KeyRing {
    KeyRing::new(vec![key(NOW - 50, NOW - 50)], at(NOW))
}

fn minter(lifetime: u64) -> Minter {
    Minter::new(ISSUER, Duration::from_secs(lifetime)).unwrap()
}

fn mint(ring: &KeyRing, grant: Grant<'_>, lifetime: u64) -> Minted {
    minter(lifetime).mint(ring, &grant, "orders", at(NOW), &OsRandom).unwrap()
}

fn verifier(ring: &KeyRing, audience: &str) -> Verifier {
    let keys = KeySet::parse(ring.jwks_json().as_bytes()).unwrap();
    Verifier::new(ISSUER, audience, keys)
}

#[test]
fn token_of_a_session_says_what_the_session_says() {
    let (ring, session) = (ring(), session());
    let minted = mint(&ring, Grant::from(&session), 60);
    let claims = verifier(&ring, "orders").verify(&minted.token, NOW).unwrap();

    let expected = Claims {
        iss: ISSUER.into(),
        sub: "alice".into(),
        aud: "orders".into(),
        exp: NOW + 60,
        iat: NOW,
        jti: claims.jti.clone(),
        client_id: Some("symbolon".into()),
        sid: Some("07070707070707070707070707070707".into()),
        acr: Some("mfa".into()),
        amr: vec!["pwd".into(), "otp".into()],
        auth_time: Some(NOW - 100),
        roles: vec!["customer".into()],
        groups: vec!["Staff".into()],
        scope: Some("orders:read profile".into()),
        session: session.data.to_map(),
        generation: Some(4),
    };
    assert_eq!(claims, expected);
}

#[test]
fn session_of_an_application_names_it() {
    let (ring, mut session) = (ring(), session());
    session.client = Some("mobile".parse::<ClientId>().unwrap());
    let minted = mint(&ring, Grant::from(&session), 60);
    let claims = verifier(&ring, "orders").verify(&minted.token, NOW).unwrap();
    assert_eq!(claims.client_id.as_deref(), Some("mobile"));
}

#[test]
fn client_without_a_session_is_its_own_subject() {
    let ring = ring();
    let client = "robot".parse::<ClientId>().unwrap();
    let groups = ["internal".to_owned()];
    let minted = mint(&ring, Grant::for_client(&client, &[], &groups, &[]), 60);
    let claims = verifier(&ring, "orders").verify(&minted.token, NOW).unwrap();

    assert_eq!((claims.sub.as_str(), claims.client_id.as_deref()), ("client:robot", Some("robot")));
    assert_eq!((claims.groups, claims.scope), (groups.to_vec(), None));
    assert_eq!((claims.sid, claims.generation, claims.acr), (None, None, None));
    assert!(claims.session.is_empty());
}

#[test]
fn token_is_good_for_its_audience_only() {
    let (ring, session) = (ring(), session());
    let minted = mint(&ring, Grant::from(&session), 60);
    for other in ["profile", "order", "orders2", ""] {
        let refused = verifier(&ring, other).verify(&minted.token, NOW);
        assert_eq!(refused, Err(VerifyError::Audience), "{other:?}");
    }
}

#[test]
fn token_lives_for_its_lifetime_exactly() {
    let (ring, session) = (ring(), session());
    let verifier = verifier(&ring, "orders").with_leeway(Duration::ZERO);
    for lifetime in [1, 60, MAX_LIFETIME.as_secs()] {
        let minted = mint(&ring, Grant::from(&session), lifetime);
        let exp = NOW + i64::try_from(lifetime).unwrap();
        assert!(verifier.verify(&minted.token, NOW).is_ok());
        assert!(verifier.verify(&minted.token, exp - 1).is_ok());
        assert_eq!(verifier.verify(&minted.token, exp), Err(VerifyError::Expired));
    }
}

#[test]
fn token_is_not_reused_in_the_last_part_of_its_life() {
    let (ring, session) = (ring(), session());
    // Ten seconds, or a quarter of a life shorter than forty.
    for (lifetime, reserve_millis) in [(60, 10_000), (600, 10_000), (40, 10_000), (10, 2_500)] {
        let minted = mint(&ring, Grant::from(&session), lifetime);
        let exp = at(NOW + i64::try_from(lifetime).unwrap());
        let reserve = exp.since(minted.reuse_until);
        assert_eq!(reserve, Duration::from_millis(reserve_millis), "{lifetime}");
    }
}

#[test]
fn lifetime_that_no_service_accepts_is_refused() {
    for lifetime in
        [Duration::ZERO, Duration::from_millis(999), MAX_LIFETIME + Duration::from_millis(1)]
    {
        assert_eq!(Minter::new(ISSUER, lifetime).unwrap_err(), LifetimeError);
    }
}

#[test]
fn no_two_tokens_have_one_id() {
    let (ring, session) = (ring(), session());
    let verifier = verifier(&ring, "orders");
    let jti = || {
        let minted = mint(&ring, Grant::from(&session), 60);
        verifier.verify(&minted.token, NOW).unwrap().jti
    };
    assert_ne!(jti(), jti());
}

#[test]
fn pulled_key_mints_nothing_and_verifies_nothing() {
    let session = session();
    let mut only = key(NOW - 50, NOW - 50);
    let before = KeyRing::new(vec![only.clone()], at(NOW));
    let minted = mint(&before, Grant::from(&session), 60);

    only.pulled_at = Some(at(NOW));
    let after = KeyRing::new(vec![only], at(NOW));
    let refused = verifier(&after, "orders").verify(&minted.token, NOW);
    assert_eq!(refused, Err(VerifyError::UnknownKey));
    let unminted = minter(60).mint(&after, &(&session).into(), "orders", at(NOW), &OsRandom);
    assert!(matches!(unminted, Err(MintError::NoActiveKey)));
}

#[test]
fn longest_session_data_fit_into_a_token_that_is_read() {
    let (ring, mut session) = (ring(), session());
    let patch = json!({"blob": "x".repeat(16_000)}).to_string();
    session.data = session.data.merged(&Patch::parse(patch.as_bytes()).unwrap()).unwrap();
    let minted = mint(&ring, Grant::from(&session), 60);
    assert!(verifier(&ring, "orders").verify(&minted.token, NOW).is_ok());
}

/// Prints the time one minting takes: `cargo test --release -p symbolon-core -- --ignored mint`.
#[test]
#[ignore = "a measurement, not a rule"]
#[expect(clippy::disallowed_methods, reason = "measures elapsed time")]
fn minting_measured() {
    const ROUNDS: u32 = 20_000;
    let (ring, session, minter) = (ring(), session(), minter(60));
    let grant = Grant::from(&session);
    let start = std::time::Instant::now();
    for _ in 0..ROUNDS {
        let token = minter.mint(&ring, &grant, "orders", at(NOW), &OsRandom);
        std::hint::black_box(token.unwrap());
    }
    println!("mint: {:.1} µs", (start.elapsed() / ROUNDS).as_secs_f64() * 1e6);
}
