//! Tokens that were verified, so that a client that shows one with every request costs one
//! signature.
//!
//! The key is a keyed hash of the token: the token itself is not kept. There are at most
//! [`MAX_VERIFIED`] of them.

use std::sync::Arc;

use parking_lot::Mutex;
use symbolon_core::jwt::VerifyingKey;
use symbolon_core::keyed_hash::{HashKey, KeyedHash};
use symbolon_core::{Client, CredentialId, Random, Timestamp};
use symbolon_store::{Known, Registered};

use super::super::generations::Generations;
use super::super::{Asked, Found};
use crate::issuers::Issuer;

/// The most tokens that one authenticator remembers.
pub(super) const MAX_VERIFIED: usize = 16_384;

/// Tokens by their hash.
pub(super) struct VerifiedTokens {
    hash: HashKey,
    generations: Mutex<Generations<Verified>>,
}

/// Whoever a token proves.
#[derive(Clone)]
pub(super) struct Verified {
    pub(super) known: Arc<Known>,
    pub(super) until: Timestamp,
    pub(super) basis: Basis,
}

/// What it was verified with. If any of it is not so any more, the token is judged anew.
#[derive(Clone)]
pub(super) enum Basis {
    /// A key of an outside issuer.
    Issuer { issuer: Arc<Issuer>, key: Arc<VerifyingKey> },
    /// A client's own key.
    ClientKey { name: Arc<str>, registered: Arc<Registered> },
    /// A token that a client had for one of its credentials.
    ClientToken { client: Arc<Client>, credential: Option<CredentialId> },
}

impl Basis {
    /// Whether all of it still holds.
    pub(super) fn holds(&self, asked: &Asked<'_>) -> bool {
        match self {
            Self::Issuer { issuer, key } => issuer.still_has(key),
            Self::ClientKey { name, registered } => {
                let now = asked.clients.jwt_key(name);
                now.is_some_and(|now| Arc::ptr_eq(&now, registered))
                    && registered.prove(asked.now).is_ok()
            }
            Self::ClientToken { client, credential } => {
                let now = asked.clients.client(&client.id);
                let is_same = now.is_some_and(|now| Arc::ptr_eq(&now, client));
                let is_live = credential.as_ref().is_none_or(|id| {
                    let mut all = client.credentials.iter();
                    all.any(|one| one.id == *id && one.is_live(asked.now))
                });
                is_same && client.enabled && is_live
            }
        }
    }
}

impl Verified {
    /// The principal; notes that the credential was shown.
    pub(super) fn found(&self, asked: &Asked<'_>) -> Found {
        if let (Basis::ClientKey { registered, .. }, false) = (&self.basis, asked.is_dry) {
            registered.used(asked.now);
        }
        Found::Known(Arc::clone(&self.known))
    }
}

impl VerifiedTokens {
    pub(super) fn new(random: &dyn Random) -> Self {
        let generations = Mutex::new(Generations::new(MAX_VERIFIED / 2));
        Self { hash: HashKey::generate(random), generations }
    }

    pub(super) fn key(&self, token: &str) -> KeyedHash {
        self.hash.over(&[token.as_bytes()])
    }

    /// What was verified and has not expired.
    pub(super) fn get(&self, key: &KeyedHash, now: Timestamp) -> Option<Verified> {
        let mut generations = self.generations.lock();
        generations.get(key).filter(|verified| now < verified.until).cloned()
    }

    pub(super) fn put(&self, key: KeyedHash, verified: Verified, now: Timestamp) {
        if now < verified.until {
            self.generations.lock().insert(key, verified);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_core::OsRandom;

    fn verified(until: i64) -> Verified {
        let client = Arc::new(Client::new("robot".parse().unwrap()));
        Verified {
            known: Arc::new(Known::default()),
            until: Timestamp::from_secs(until),
            basis: Basis::ClientToken { client, credential: None },
        }
    }

    #[test]
    fn token_counts_until_it_expires() {
        let tokens = VerifiedTokens::new(&OsRandom);
        let at = Timestamp::from_secs;
        let key = tokens.key("a.b.c");
        tokens.put(key, verified(10), at(9));
        assert!(tokens.get(&key, at(9)).is_some());
        assert!(tokens.get(&key, at(10)).is_none());
        assert!(tokens.get(&tokens.key("a.b.d"), at(9)).is_none());
        // Another process has another key.
        assert!(tokens.key("a.b.c") != VerifiedTokens::new(&OsRandom).key("a.b.c"));
    }

    #[test]
    fn there_are_never_more_than_the_bound_and_what_is_used_stays() {
        let tokens = VerifiedTokens::new(&OsRandom);
        let now = Timestamp::from_secs(0);
        let used = tokens.key("used");
        tokens.put(used, verified(1), now);
        for n in 0..3 * MAX_VERIFIED {
            tokens.put(tokens.key(&n.to_string()), verified(1), now);
            if n % 1000 == 0 {
                assert!(tokens.get(&used, now).is_some(), "{n}");
            }
        }
        assert!(tokens.generations.lock().len() <= MAX_VERIFIED);
    }
}
