//! Uses and expiry.

use std::time::Duration;

use symbolon_core::{Session, Timestamp};

use super::{Backend, NOW, sample};
use crate::session_store::{SessionStore, Touch};

/// The idle timeout of the sample session.
const IDLE: Duration = Duration::from_mins(30);

pub(crate) async fn a_touch_never_moves_backwards(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    let touch = |seconds| Touch { id: session.id, at: after(seconds) };
    // Also within one batch, in any order.
    store.touch(&[touch(50), touch(70), touch(60)]).await.unwrap();
    assert_eq!(last_seen(&*store, &session).await, after(70));
    store.touch(&[touch(40)]).await.unwrap();
    assert_eq!(last_seen(&*store, &session).await, after(70));
    store.touch(&[]).await.unwrap();
}

pub(crate) async fn a_touch_moves_the_idle_end(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    let at = after(600);
    let touch = Touch { id: session.id, at };
    store.touch(&[touch]).await.unwrap();
    let just_before = at.plus(IDLE).minus(Duration::from_micros(1));
    assert_eq!(store.expire(just_before, 10).await.unwrap(), 0);
    assert_eq!(store.expire(at.plus(IDLE), 10).await.unwrap(), 1);
}

pub(crate) async fn a_touch_does_not_bring_a_session_back(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    store.end(session.id).await.unwrap();
    let touch = Touch { id: session.id, at: after(60) };
    store.touch(&[touch]).await.unwrap();
    assert_eq!(store.find(&session.token).await.unwrap(), None);
}

pub(crate) async fn expiry_takes_the_idle_and_the_old_only(backend: impl Backend) {
    let store = backend.sessions();
    let live = sample::session("alice", NOW);
    let idle = Session { last_seen: NOW.minus(IDLE), ..sample::session("alice", NOW) };
    let old = Session { expires_at: NOW, ..sample::session("alice", NOW) };
    // The longest timeout there is must not wrap round into the past.
    let endless = Session { idle_timeout: Duration::MAX, ..sample::session("alice", NOW) };
    for session in [&live, &idle, &old, &endless] {
        store.create(session).await.unwrap();
    }
    let at = after(60);
    let touches = [live.id, endless.id].map(|id| Touch { id, at });
    store.touch(&touches).await.unwrap();
    assert_eq!(store.expire(NOW, 10).await.unwrap(), 2);
    assert!(store.find(&live.token).await.unwrap().is_some());
    assert!(store.find(&endless.token).await.unwrap().is_some());
    assert_eq!(store.count().await.unwrap(), 2);
}

pub(crate) async fn expiry_stops_at_its_limit(backend: impl Backend) {
    let store = backend.sessions();
    let sessions: Vec<_> = (0..25).map(|_| sample::session("alice", NOW)).collect();
    store.import(&sessions).await.unwrap();
    let over = after(24 * 60 * 60);
    for expected in [10, 10, 5, 0] {
        assert_eq!(store.expire(over, 10).await.unwrap(), expected);
    }
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

async fn last_seen(store: &dyn SessionStore, session: &Session) -> Timestamp {
    let found = store.find(&session.token).await.unwrap();
    found.unwrap().last_seen
}
