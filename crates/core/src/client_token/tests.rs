//! A client token is this system's and nobody else's, and the credential's as it was.

use std::time::Duration;

use super::*;
use crate::OsRandom;
use crate::secret::Secret;

const SITE: &str = "https://shop.example";
const NOW: Timestamp = Timestamp::from_secs(1_780_000_000);

fn proof(secret: &str) -> Proof {
    Proof::Hmac {
        key_id: "k".into(),
        secret: Secret::new(secret),
        algorithms: crate::http_signature::Algorithm::SHARED.into(),
    }
}

fn robot(proof: &Proof) -> ProvedClient {
    let credential =
        ProvedCredential { id: "hmac-1".into(), digest: proof.digest(), expires_at: None };
    ProvedClient { client: "robot".parse().unwrap(), credential: Some(credential) }
}

fn verify(tokens: &ClientTokens, token: &str, now: Timestamp) -> Result<Claims, JwtError> {
    tokens.verify(Unverified::parse(token)?, now).map(|(claims, _)| claims)
}

#[test]
fn token_says_who_and_is_bound_to_the_credential() {
    let tokens = ClientTokens::derive(&MasterKey::generate(&OsRandom), SITE);
    let (old, new) = (proof("old"), proof("new"));
    let issued = tokens.issue(&robot(&old), DEFAULT_LIFETIME, NOW, &OsRandom);
    assert_eq!(issued.lifetime, DEFAULT_LIFETIME);
    let claims = verify(&tokens, &issued.token, NOW).unwrap();
    let texts = ["iss", "aud", "sub", "client_id", "credential"].map(|name| claims.text(name));
    assert_eq!(texts, [SITE, SITE, "robot", "robot", "hmac-1"].map(Some));
    assert!(tokens.is_bound_to(&claims, &old));
    assert!(!tokens.is_bound_to(&claims, &new));
    let late = NOW.plus(DEFAULT_LIFETIME + LEEWAY);
    assert_eq!(verify(&tokens, &issued.token, late), Err(JwtError::Expired));
}

#[test]
fn other_systems_do_not_take_it() {
    let master = MasterKey::generate(&OsRandom);
    let tokens = ClientTokens::derive(&master, SITE);
    let issued = tokens.issue(&robot(&proof("a")), DEFAULT_LIFETIME, NOW, &OsRandom);
    let elsewhere = ClientTokens::derive(&master, "https://other.example");
    assert_eq!(verify(&elsewhere, &issued.token, NOW), Err(JwtError::UnknownIssuer));
    let stranger = ClientTokens::derive(&MasterKey::generate(&OsRandom), SITE);
    assert_eq!(verify(&stranger, &issued.token, NOW), Err(JwtError::Signature));
}

#[test]
fn token_lives_no_longer_than_allowed_nor_than_its_credential() {
    let tokens = ClientTokens::derive(&MasterKey::generate(&OsRandom), SITE);
    let day = Duration::from_hours(24);
    let mut robot = robot(&proof("a"));
    assert_eq!(tokens.issue(&robot, day, NOW, &OsRandom).lifetime, MAX_LIFETIME);
    let soon = NOW.plus(Duration::from_mins(1));
    robot.credential.as_mut().unwrap().expires_at = Some(soon);
    assert_eq!(tokens.issue(&robot, day, NOW, &OsRandom).lifetime, Duration::from_mins(1));
}

#[test]
fn internal_token_is_no_client_token() {
    use crate::internal_token::SigningKey;

    let tokens = ClientTokens::derive(&MasterKey::generate(&OsRandom), SITE);
    let issued = tokens.issue(&robot(&proof("a")), DEFAULT_LIFETIME, NOW, &OsRandom);
    // The keys that services verify with do not verify it, and would have to be of another kind.
    let key = SigningKey::generate().unwrap();
    let set = symbolon_verifier::JwkSet { keys: vec![key.public().clone()] };
    let keys = symbolon_verifier::KeySet::new(&set).unwrap();
    let verifier = symbolon_verifier::Verifier::new(SITE, SITE, keys);
    assert!(verifier.verify(&issued.token, NOW.as_secs()).is_err());
}
