//! Random histories of keys: upkeep, rotations, pulls and time, in any order.
//!
//! After every step: whoever signs was published long enough, or had to sign at once; and no
//! token that a service would accept has lost its key, unless the key was pulled.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use symbolon_verifier::{KeySet, MAX_LEEWAY, MAX_LIFETIME};

use super::*;
use crate::id::KeyId;

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(i64),
    Maintain,
    Rotate,
    PullSigner,
    PullAny(usize),
}

/// What a history has seen so far, kept apart from what the ring says about itself.
struct History {
    now: i64,
    rotate_every: Duration,
    keys: Vec<RingKey>,
    /// When each key first stood in the published set.
    published_since: BTreeMap<KeyId, i64>,
    /// Keys that were made to sign at once: the first, and those after a pull.
    at_once: Vec<KeyId>,
    pulls: usize,
    /// When each key last signed.
    last_signed: BTreeMap<KeyId, i64>,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0i64..2_000).prop_map(Step::Wait),
        1 => (0i64..100_000).prop_map(Step::Wait),
        4 => Just(Step::Maintain),
        2 => Just(Step::Rotate),
        1 => Just(Step::PullSigner),
        1 => any::<usize>().prop_map(Step::PullAny),
    ]
}

impl History {
    fn ring(&self) -> KeyRing {
        KeyRing::new(self.keys.clone(), at(self.now))
    }

    fn add(&mut self, active_from: Timestamp) {
        let key = RingKey { active_from, ..key(self.now, 0) };
        if active_from == at(self.now) {
            self.at_once.push(key.key.id().clone());
        }
        self.keys.push(key);
    }

    /// As `Keys::maintain` in the store does it.
    fn maintain(&mut self) {
        let ring = self.ring();
        if let Some(active_from) = ring.due(at(self.now), self.rotate_every) {
            self.add(active_from);
        }
        for id in ring.removable(at(self.now)) {
            self.keys.retain(|key| key.key.id() != id);
        }
    }

    fn rotate(&mut self) {
        let ring = self.ring();
        if ring.pending(at(self.now)).is_none() {
            self.add(ring.next_active_from(at(self.now)));
        }
    }

    fn pull(&mut self, id: &KeyId) {
        let signer = self.ring().signer(at(self.now)).map(|key| key.key.id().clone());
        if signer.as_ref() == Some(id) {
            self.add(at(self.now));
        }
        for key in self.keys.iter_mut().filter(|key| key.key.id() == id) {
            key.pulled_at = Some(at(self.now));
            self.pulls += 1;
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Wait(secs) => self.now += secs,
            Step::Maintain => self.maintain(),
            Step::Rotate => self.rotate(),
            Step::PullSigner => {
                let signer = self.ring().signer(at(self.now)).map(|key| key.key.id().clone());
                if let Some(id) = signer {
                    self.pull(&id);
                }
            }
            Step::PullAny(pick) if !self.keys.is_empty() => {
                let id = self.keys[pick % self.keys.len()].key.id().clone();
                self.pull(&id);
            }
            Step::PullAny(_) => {}
        }
    }

    /// Looks at the published set as a service does, and mints in thought.
    fn check(&mut self) {
        let ring = self.ring();
        let set = KeySet::parse(ring.jwks_json().as_bytes()).unwrap();
        for key in &self.keys {
            let kid = key.key.id();
            assert_eq!(set.contains(kid.as_str()), ring.is_published(kid, at(self.now)));
            if set.contains(kid.as_str()) {
                assert_eq!(key.pulled_at, None, "a pulled key is published");
                self.published_since.entry(kid.clone()).or_insert(self.now);
            }
        }
        for (kid, signed_at) in &self.last_signed {
            let is_pulled = |key: &RingKey| key.key.id() == kid && key.pulled_at.is_some();
            let expires = signed_at + secs(MAX_LIFETIME) + secs(MAX_LEEWAY);
            assert!(
                set.contains(kid.as_str())
                    || self.now >= expires
                    || self.keys.iter().any(is_pulled),
                "{kid} signed at {signed_at} and is not published at {}",
                self.now
            );
        }
        assert!(
            self.at_once.len() <= 1 + self.pulls,
            "a key signs at once although another one could"
        );
        if let Some(signer) = ring.signer(at(self.now)) {
            let kid = signer.key.id();
            let since = self.published_since[kid];
            assert!(
                self.now - since >= secs(PUBLISH_AHEAD) || self.at_once.contains(kid),
                "{kid} signs at {} and is published since {since}",
                self.now
            );
            self.last_signed.insert(kid.clone(), self.now);
        }
        let published =
            self.keys.iter().filter(|key| ring.is_published(key.key.id(), at(self.now)));
        assert!(published.count() <= symbolon_verifier::MAX_KEYS);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn keys_are_published_before_they_sign_and_as_long_as_they_verify(
        rotate_every in 0u64..50_000,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut history = History {
            now: 0,
            rotate_every: Duration::from_secs(rotate_every),
            keys: Vec::new(),
            published_since: BTreeMap::new(),
            at_once: Vec::new(),
            pulls: 0,
            last_signed: BTreeMap::new(),
        };
        for step in steps {
            history.take(step);
            history.check();
        }
    }
}
