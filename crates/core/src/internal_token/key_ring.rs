//! Which key signs, which are published, and when the next one is due: rules without a clock.
//!
//! A key's life, in the order of `active_from`:
//!
//! ```text
//! made ── published, does not sign ──> active_from ── signs ──> next key's active_from
//!      └──── at least PUBLISH_AHEAD ──┘                         └── published for RETIRED_FOR
//! ```
//!
//! 1. The newest key that is active and not pulled signs.
//! 2. A key is published [`PUBLISH_AHEAD`] before it signs, so that every service has fetched it.
//!    Only where nothing else could sign (the first key, and the one after a pull) it signs at once.
//! 3. A retired key stays published for [`RETIRED_FOR`]; after that nothing it signed is accepted.
//! 4. A pulled key neither signs nor is published, from the moment it is pulled.

use std::sync::Arc;
use std::time::Duration;

use symbolon_verifier::{JwkSet, MAX_LEEWAY, MAX_LIFETIME};

use super::signing_key::SigningKey;
use crate::id::KeyId;
use crate::time::Timestamp;

/// How long services may cache the JWK set: `max-age` of its answer.
pub const JWKS_MAX_AGE: Duration = Duration::from_mins(5);

/// How long a key is published before it signs: [`JWKS_MAX_AGE`], and as much again for services
/// that fetch late and nodes that learn of the key late.
pub const PUBLISH_AHEAD: Duration = JWKS_MAX_AGE.saturating_mul(2);

/// How long a key stays published after it last signed. Counted from the longest lifetime rather
/// than the configured one, which may have been longer before a restart.
pub const RETIRED_FOR: Duration = MAX_LIFETIME.saturating_add(MAX_LEEWAY);

/// The keys that there are, as one immutable value.
#[derive(Debug)]
pub struct KeyRing {
    /// In the order of `active_from`.
    keys: Vec<RingKey>,
    jwks: Arc<str>,
}

/// A key with its times.
#[derive(Clone, Debug)]
pub struct RingKey {
    /// The key.
    pub key: Arc<SigningKey>,
    /// When it was made; it is published from then on.
    pub created_at: Timestamp,
    /// When it starts to sign.
    pub active_from: Timestamp,
    /// When it was pulled in an emergency.
    pub pulled_at: Option<Timestamp>,
}

/// What a key is doing at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, does not sign yet.
    Pending,
    /// Signs.
    Signing,
    /// Signs no more, may still be published.
    Retired,
    /// Taken out of use in an emergency.
    Pulled,
}

impl KeyRing {
    /// The ring of these keys. Its JWK set is that of `now`: made again later it can only shrink.
    pub fn new(mut keys: Vec<RingKey>, now: Timestamp) -> Self {
        keys.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut ring = Self { keys, jwks: Arc::default() };
        ring.jwks = ring.render_jwks(now);
        ring
    }

    /// All keys, in the order in which they start to sign.
    pub fn keys(&self) -> &[RingKey] {
        &self.keys
    }

    /// The key that signs at `now`; `None` when all were pulled or none has begun.
    pub fn signer(&self, now: Timestamp) -> Option<&RingKey> {
        self.keys.iter().rfind(|key| key.pulled_at.is_none() && key.active_from <= now)
    }

    /// A number that differs whenever the signing key does, and is the same on every node: the
    /// beginning of its thumbprint. Tokens kept for reuse carry it, so none outlives its key's
    /// duty. Zero when no key signs.
    pub fn revision(&self, now: Timestamp) -> u64 {
        self.signer(now).map_or(0, |signer| signer.key.revision())
    }

    /// The JWK set to publish (RFC 7517 section 5), newest key first.
    pub fn jwks_json(&self) -> &Arc<str> {
        &self.jwks
    }

    /// Whether a key is published at `now`.
    pub fn is_published(&self, id: &KeyId, now: Timestamp) -> bool {
        self.published(now).any(|key| key.key.id() == id)
    }

    /// What each key is doing at `now`.
    pub fn state(&self, key: &RingKey, now: Timestamp) -> KeyState {
        if key.pulled_at.is_some() {
            KeyState::Pulled
        } else if key.active_from > now {
            KeyState::Pending
        } else if self.signer(now).is_some_and(|it| it.key.id() == key.key.id()) {
            KeyState::Signing
        } else {
            KeyState::Retired
        }
    }

    /// The key that takes over next, if one is published already.
    pub fn pending(&self, now: Timestamp) -> Option<&RingKey> {
        self.keys.iter().find(|key| key.pulled_at.is_none() && key.active_from > now)
    }

    /// Whether a key has to be made now, and then from when it signs. Keys follow each other in
    /// steps of `rotate_every`, or of [`PUBLISH_AHEAD`] if that is longer.
    #[must_use]
    pub fn due(&self, now: Timestamp, rotate_every: Duration) -> Option<Timestamp> {
        let Some(signer) = self.signer(now) else {
            return Some(now);
        };
        let step = rotate_every.saturating_sub(PUBLISH_AHEAD);
        let is_due = self.pending(now).is_none() && signer.active_from.plus(step) <= now;
        is_due.then(|| self.next_active_from(now))
    }

    /// From when a key that is made at `now` signs.
    pub fn next_active_from(&self, now: Timestamp) -> Timestamp {
        if self.signer(now).is_some() { now.plus(PUBLISH_AHEAD) } else { now }
    }

    /// The keys that may be forgotten at `now`: nothing they signed is accepted any more.
    pub fn removable(&self, now: Timestamp) -> impl Iterator<Item = &KeyId> {
        self.keys
            .iter()
            .enumerate()
            .filter(move |(place, key)| {
                key.pulled_at
                    .or_else(|| self.superseded_at(*place))
                    .is_some_and(|end| end.plus(RETIRED_FOR) <= now)
            })
            .map(|(_, key)| key.key.id())
    }

    fn published(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = &RingKey> {
        self.keys
            .iter()
            .enumerate()
            .filter(move |(place, key)| {
                key.pulled_at.is_none()
                    && self.superseded_at(*place).is_none_or(|end| now < end.plus(RETIRED_FOR))
            })
            .map(|(_, key)| key)
    }

    /// When the key at that place stops to sign: its successor is the next one not pulled.
    fn superseded_at(&self, place: usize) -> Option<Timestamp> {
        self.keys
            .iter()
            .skip(place + 1)
            .find(|key| key.pulled_at.is_none())
            .map(|key| key.active_from)
    }

    fn render_jwks(&self, now: Timestamp) -> Arc<str> {
        let published = JwkSet {
            keys: self.published(now).rev().map(|key| key.key.public().clone()).collect(),
        };
        // Strings and lists always serialise; if they did not, a set that accepts nothing is the
        // safe answer.
        serde_json::to_string(&published).map_or_else(|_| r#"{"keys":[]}"#.into(), Into::into)
    }
}

impl RingKey {
    /// The id decides between keys that two nodes made at the same moment.
    fn order(&self) -> (Timestamp, Timestamp, &KeyId) {
        (self.active_from, self.created_at, self.key.id())
    }
}
