//! The rules of the ring, one by one.

use std::time::Duration;

use symbolon_verifier::KeySet;

use super::KeyState::{Pending, Pulled, Retired, Signing};
use super::*;
use crate::id::KeyId;

const AHEAD: i64 = 600;
const RETIRED: i64 = 660;
const DAY: Duration = Duration::from_hours(24);

fn pulled(mut key: RingKey, when: i64) -> RingKey {
    key.pulled_at = Some(at(when));
    key
}

fn id(key: &RingKey) -> KeyId {
    key.key.id().clone()
}

fn signer(ring: &KeyRing, now: i64) -> Option<KeyId> {
    ring.signer(at(now)).map(id)
}

#[test]
fn the_spans_are_those_of_the_documents() {
    assert_eq!((secs(PUBLISH_AHEAD), secs(RETIRED_FOR)), (AHEAD, RETIRED));
}

#[test]
fn the_newest_active_key_signs() {
    let (old, new) = (key(0, 0), key(1_000, 1_600));
    let ring = KeyRing::new(vec![new.clone(), old.clone()], at(1_000));
    assert_eq!(signer(&ring, -1), None);
    assert_eq!(signer(&ring, 1_599), Some(id(&old)));
    assert_eq!(signer(&ring, 1_600), Some(id(&new)));

    let ring = KeyRing::new(vec![old.clone(), pulled(new, 1_700)], at(1_700));
    assert_eq!(signer(&ring, 1_700), Some(id(&old)));
}

#[test]
fn revision_is_that_of_the_signing_key() {
    let (old, new) = (key(0, 0), key(1_000, 1_600));
    let ring = KeyRing::new(vec![old.clone(), new.clone()], at(1_000));
    assert_eq!(ring.revision(at(-1)), 0);
    assert_eq!(ring.revision(at(0)), ring.revision(at(1_599)));
    assert_ne!(ring.revision(at(1_599)), ring.revision(at(1_600)));

    let replaced = vec![pulled(old, 500), key(500, 500), new];
    let after_pull = KeyRing::new(replaced, at(500));
    assert_ne!(after_pull.revision(at(500)), ring.revision(at(500)));
}

#[test]
fn a_key_is_published_from_its_making_until_nothing_it_signed_is_accepted() {
    let (old, new) = (key(0, 0), key(1_000, 1_600));
    let ring = KeyRing::new(vec![old.clone(), new.clone()], at(1_000));
    let published = |key: &RingKey, now| ring.is_published(key.key.id(), at(now));
    assert!(published(&new, 1_000));
    assert!(published(&old, 1_600 + RETIRED - 1));
    assert!(!published(&old, 1_600 + RETIRED));
    assert!(published(&new, 1_600 + RETIRED));
}

#[test]
fn the_jwk_set_is_what_is_published() {
    let (old, new, gone) = (key(0, 0), key(1_000, 1_600), pulled(key(900, 900), 950));
    let all = vec![old.clone(), new.clone(), gone.clone()];
    let read = |now| {
        let ring = KeyRing::new(all.clone(), at(now));
        let set = KeySet::parse(ring.jwks_json().as_bytes()).unwrap();
        [&old, &new, &gone].map(|key| set.contains(key.key.id().as_str()))
    };
    assert_eq!(read(1_000), [true, true, false]);
    assert_eq!(read(1_600 + RETIRED), [false, true, false]);
}

#[test]
fn the_newest_key_stands_first() {
    let (old, new) = (key(0, 0), key(1_000, 1_600));
    let ring = KeyRing::new(vec![old.clone(), new.clone()], at(1_000));
    let place = |key: &RingKey| ring.jwks_json().find(key.key.id().as_str()).unwrap();
    assert!(place(&new) < place(&old));
}

#[test]
fn the_first_key_is_due_at_once_and_signs_at_once() {
    let ring = KeyRing::new(Vec::new(), at(5));
    assert_eq!(ring.due(at(5), DAY), Some(at(5)));
    assert_eq!(&**ring.jwks_json(), r#"{"keys":[]}"#);

    let ring = KeyRing::new(vec![pulled(key(0, 0), 4)], at(5));
    assert_eq!(ring.due(at(5), DAY), Some(at(5)));
}

#[test]
fn the_next_key_is_made_so_early_that_it_signs_in_time() {
    let first = key(0, 0);
    let ring = KeyRing::new(vec![first.clone()], at(0));
    let day = secs(DAY);
    assert_eq!(ring.due(at(day - AHEAD - 1), DAY), None);
    assert_eq!(ring.due(at(day - AHEAD), DAY), Some(at(day)));

    // Late, after a long stop: it is published ahead all the same.
    assert_eq!(ring.due(at(9 * day), DAY), Some(at(9 * day + AHEAD)));

    // Made already: not due again.
    let ring = KeyRing::new(vec![first, key(day - AHEAD, day)], at(day - AHEAD));
    assert_eq!(ring.due(at(day - 1), DAY), None);
    assert_eq!(ring.due(at(day), DAY), None);
}

#[test]
fn a_step_shorter_than_the_publication_does_not_pile_up_keys() {
    let step = Duration::from_secs(1);
    let ring = KeyRing::new(vec![key(0, 0)], at(0));
    assert_eq!(ring.due(at(0), step), Some(at(AHEAD)));
    let ring = KeyRing::new(vec![key(0, 0), key(0, AHEAD)], at(0));
    assert_eq!(ring.due(at(AHEAD - 1), step), None);
}

#[test]
fn a_key_is_removable_when_it_can_no_longer_be_needed() {
    let (old, bad, new) = (key(0, 0), pulled(key(500, 500), 700), key(1_000, 1_600));
    let ring = KeyRing::new(vec![old.clone(), bad.clone(), new], at(0));
    let removable = |now| ring.removable(at(now)).cloned().collect::<Vec<_>>();
    assert_eq!(removable(700 + RETIRED - 1), []);
    assert_eq!(removable(700 + RETIRED), [id(&bad)]);
    assert_eq!(removable(1_600 + RETIRED), [id(&old), id(&bad)]);
    assert_eq!(removable(i64::from(i32::MAX)), [id(&old), id(&bad)]);
}

#[test]
fn each_key_has_one_state() {
    let (old, bad, new) = (key(0, 0), pulled(key(500, 500), 700), key(1_000, 1_600));
    let ring = KeyRing::new(vec![old.clone(), bad.clone(), new.clone()], at(0));
    let states = |now| [&old, &bad, &new].map(|key| ring.state(key, at(now)));
    assert_eq!(states(1_000), [Signing, Pulled, Pending]);
    assert_eq!(states(1_600), [Retired, Pulled, Signing]);
    assert_eq!(ring.pending(at(1_000)).map(id), Some(id(&new)));
    assert!(ring.pending(at(1_600)).is_none());
}
