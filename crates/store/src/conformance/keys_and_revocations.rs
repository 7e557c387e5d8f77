//! Signing keys and the revocation log.

use std::time::Duration;

use symbolon_core::{KeyId, OsRandom, SessionId, Timestamp};

use super::{Backend, NOW, sample};
use crate::core_store::{LogMark, Revocation, Revoked, StoredKey};
use crate::error::StoreError;

pub(crate) async fn revocations_are_kept_until_they_may_be_forgotten(backend: impl Backend) {
    let store = backend.core();
    let short = session_revocation(60);
    let long = Revocation {
        what: Revoked::Subject("alice".parse().unwrap()),
        at: NOW,
        forget_at: after(120),
    };
    for revocation in [&short, &long] {
        store.revoke(revocation, sample::record()).await.unwrap();
    }
    let all = store.revocations(after(59)).await.unwrap();
    assert_eq!(all, [short, long.clone()]);
    assert_eq!(store.forget_revocations(after(59), 10).await.unwrap(), 0);
    // Not shown any more when its time has come, removed or not.
    assert_eq!(store.revocations(after(60)).await.unwrap(), std::slice::from_ref(&long));
    assert_eq!(store.forget_revocations(after(60), 10).await.unwrap(), 1);
    assert_eq!(store.revocations(NOW).await.unwrap(), [long]);
}

pub(crate) async fn what_was_revoked_after_a_mark_is_told_once(backend: impl Backend) {
    let store = backend.core();
    let start = store.last_revocation().await.unwrap();
    assert_eq!(start, LogMark::default());
    let [one, two, three] = [60, 120, 180].map(session_revocation);
    store.revoke(&one, sample::record()).await.unwrap();
    let after_one = store.last_revocation().await.unwrap();
    store.revoke(&two, sample::record()).await.unwrap();
    assert_eq!(store.revocations_after(start).await.unwrap().0, [one, two.clone()]);
    let (told, mark) = store.revocations_after(after_one).await.unwrap();
    assert_eq!(told, [two]);
    assert_eq!(store.revocations_after(mark).await.unwrap(), (Vec::new(), mark));
    store.revoke(&three, sample::record()).await.unwrap();
    assert_eq!(store.revocations_after(mark).await.unwrap().0, [three]);
}

pub(crate) async fn forgetting_stops_at_its_limit(backend: impl Backend) {
    let store = backend.core();
    for _ in 0..5 {
        store.revoke(&session_revocation(60), sample::record()).await.unwrap();
    }
    for expected in [2, 2, 1, 0] {
        let forgotten = store.forget_revocations(after(60), 2).await.unwrap();
        assert_eq!(forgotten, expected);
    }
}

pub(crate) async fn keys_are_listed_oldest_first(backend: impl Backend) {
    let store = backend.core();
    let [second, first] = [key("a", 20), key("b", 10)];
    for key in [&second, &first] {
        store.add_key(key, sample::record()).await.unwrap();
    }
    assert_eq!(store.list_keys().await.unwrap(), [first.clone(), second.clone()]);
    store.remove_key(&first.id, sample::record()).await.unwrap();
    assert_eq!(store.list_keys().await.unwrap(), [second]);
}

pub(crate) async fn a_key_is_added_once(backend: impl Backend) {
    let store = backend.core();
    let first = key("a", 0);
    store.add_key(&first, sample::record()).await.unwrap();
    let refused = store.add_key(&key("a", 9), sample::record()).await;
    assert!(matches!(refused, Err(StoreError::Exists { .. })), "{refused:?}");
    assert_eq!(store.list_keys().await.unwrap(), [first]);
}

pub(crate) async fn a_pulled_key_stays_pulled_since_then(backend: impl Backend) {
    let store = backend.core();
    let id = KeyId::new("a");
    assert!(!store.pull_key(&id, NOW, sample::record()).await.unwrap());
    store.add_key(&key("a", 0), sample::record()).await.unwrap();
    for at in [after(10), after(20)] {
        assert!(store.pull_key(&id, at, sample::record()).await.unwrap());
        assert_eq!(store.list_keys().await.unwrap()[0].pulled_at, Some(after(10)));
    }
}

pub(crate) async fn keys_and_revocations_survive_a_restart(backend: impl Backend) {
    let (key, revocation) = (key("a", 0), session_revocation(60));
    backend.core().add_key(&key, sample::record()).await.unwrap();
    backend.core().revoke(&revocation, sample::record()).await.unwrap();
    let backend = backend.restart().await;
    let store = backend.core();
    assert_eq!(store.list_keys().await.unwrap(), [key]);
    assert_eq!(store.revocations(NOW).await.unwrap(), [revocation]);
}

fn session_revocation(forget_after: u64) -> Revocation {
    Revocation {
        what: Revoked::Session(SessionId::generate(&OsRandom)),
        at: NOW,
        forget_at: after(forget_after),
    }
}

fn key(id: &str, age: u64) -> StoredKey {
    StoredKey {
        id: KeyId::new(id),
        algorithm: "ES256".into(),
        sealed_private_key: vec![0, 1, 254, 255],
        created_at: after(age),
        active_from: after(age + 5),
        pulled_at: None,
    }
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}
