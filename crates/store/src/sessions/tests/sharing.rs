//! Two processes on one store, as while the binary is being replaced.

use super::*;
use crate::core_store::{CoreStore as _, Revocation, Revoked};
use crate::session_store::SessionStore as _;
use crate::sqlite::SqliteStore;

/// The second process.
struct Beside {
    sessions: Arc<Sessions>,
    store: Arc<SqliteStore>,
}

impl Beside {
    async fn start(world: &World) -> Self {
        world.sessions.share().await.unwrap();
        let path = world.folder.path().join("symbolon.db");
        let url = format!("sqlite:{}", path.display());
        let store = SqliteStore::open_shared(&url, world.store.share_lock().unwrap()).await;
        let store = Arc::new(store.unwrap());
        let config = SessionsConfig { cache_entries: 1024, touch_interval: TOUCH_INTERVAL };
        let sessions = Sessions::open_beside(true, store.clone(), store.clone(), config, NOW).await;
        Self { sessions: sessions.unwrap(), store }
    }
}

async fn opens(sessions: &Arc<Sessions>, live: &LiveSession) -> bool {
    sessions.find(&live.session.token, after(2)).await.unwrap().is_some()
}

#[tokio::test]
async fn what_one_process_ends_is_over_in_the_other_at_once() {
    let world = World::new().await;
    let early = world.log_in("alice", NOW).await;
    let beside = Beside::start(&world).await;
    let late = beside.sessions.create(sample::session("alice", after(1))).await.unwrap();
    let both = [&world.sessions, &beside.sessions];
    for (own, other) in [(0, 1), (1, 0)] {
        let bob = both[own].create(sample::session("bob", NOW)).await.unwrap();
        assert!(opens(both[own], &bob).await && opens(both[other], &bob).await);
        both[other].end(bob.session.id, after(2)).await.unwrap();
        assert!(!opens(both[own], &bob).await && !opens(both[other], &bob).await);
    }
    both[1].end_all(&early.session.subject, after(2)).await.unwrap();
    for live in [&early, &late] {
        assert!(!opens(both[0], live).await && !opens(both[1], live).await);
    }
}

#[tokio::test]
async fn the_log_counts_where_the_row_is_still_there() {
    let world = World::new().await;
    let beside = Beside::start(&world).await;
    let live = world.log_in("alice", NOW).await;
    let what = Revoked::Session(live.session.id);
    let revocation = Revocation { what, at: after(1), forget_at: live.session.expires_at };
    beside.store.revoke(&revocation, sample::record()).await.unwrap();
    assert!(!opens(&world.sessions, &live).await);
    assert_eq!(world.sessions.list(None, 10).await.unwrap(), []);
    // And for what looks only at the log in memory, once it was caught up with.
    assert!(!beside.sessions.is_revoked(&live.session));
    beside.sessions.catch_up().await.unwrap();
    assert!(beside.sessions.is_revoked(&live.session));
}

#[tokio::test]
async fn what_one_process_changes_the_other_sees() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    assert!(world.sessions.cached(&live.session.token, after(1)).is_some());
    let beside = Beside::start(&world).await;
    let patch = Patch::parse(br#"{"cart":1}"#).unwrap();
    beside.sessions.patch(live.session.id, &patch, None).await.unwrap();
    let seen = world.sessions.find(&live.session.token, after(1)).await.unwrap().unwrap();
    assert_eq!(seen.session.generation, live.session.generation.next());
    assert!(world.sessions.cached(&live.session.token, after(1)).is_none());
    let stale = Some(live.session.generation);
    let outcome = world.sessions.patch(live.session.id, &patch, stale).await.unwrap();
    assert!(matches!(outcome, PatchOutcome::GenerationMoved(_)), "{outcome:?}");
    let token = sample::token();
    let rotation = Rotation { id: live.session.id, token, authentication: None, begins_at: None };
    let fresh = world.sessions.rotate(&rotation, after(2)).await.unwrap().unwrap();
    assert!(opens(&beside.sessions, &fresh).await);
    assert!(!opens(&beside.sessions, &live).await, "the old token is dead");
}

#[tokio::test]
async fn a_log_in_that_the_other_process_overtakes_is_dead() {
    let world = World::new().await;
    let beside = Beside::start(&world).await;
    let begun = sample::session("alice", after(1));
    let subject = begun.subject.clone();
    world.sessions.end_all(&subject, after(2)).await.unwrap();
    let live = beside.sessions.create(begun).await.unwrap();
    assert!(!opens(&beside.sessions, &live).await && !opens(&world.sessions, &live).await);
    assert_eq!(world.store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn nothing_is_removed_while_rows_are_counted() {
    let world = World::new().await;
    let what = Revoked::Session(sample::session("alice", NOW).id);
    let revocation = Revocation { what, at: NOW, forget_at: after(1) };
    world.store.revoke(&revocation, sample::record()).await.unwrap();
    let beside = Beside::start(&world).await;
    for sessions in [&world.sessions, &beside.sessions] {
        sessions.maintain(after(1_000_000)).await;
    }
    assert_eq!(world.store.revocations(NOW).await.unwrap().len(), 1);
    world.sessions.unshare(&world.store.alone().unwrap().unwrap()).await.unwrap();
    world.sessions.maintain(after(1_000_000)).await;
    assert_eq!(world.store.revocations(NOW).await.unwrap(), []);
}

#[tokio::test]
async fn memory_counts_again_once_the_other_process_is_gone() {
    let world = World::new().await;
    let gone = world.log_in("alice", NOW).await;
    let stays = world.log_in("bob", NOW).await;
    let Beside { sessions, store } = Beside::start(&world).await;
    // The replaced process writes to its last moment.
    assert!(opens(&sessions, &gone).await && opens(&sessions, &stays).await);
    world.sessions.end(gone.session.id, after(1)).await.unwrap();
    world.store.close().await;
    sessions.unshare(&store.alone().unwrap().unwrap()).await.unwrap();
    assert!(sessions.is_revoked(&gone.session) && !opens(&sessions, &gone).await);
    assert!(opens(&sessions, &stays).await);
    assert!(sessions.cached(&stays.session.token, after(2)).is_some());
    store.close().await;
}

#[tokio::test]
async fn a_use_reaches_the_other_process_within_seconds() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    // Less than the usual interval: memory alone knows of it.
    world.sessions.seen(&live, after(5));
    let beside = Beside::start(&world).await;
    let seen = async |sessions: &Arc<Sessions>| {
        let found = sessions.find(&live.session.token, after(5)).await.unwrap().unwrap();
        found.session.last_seen
    };
    assert_eq!(seen(&beside.sessions).await, after(5), "what memory knew was handed over");
    let found = beside.sessions.find(&live.session.token, after(7)).await.unwrap().unwrap();
    beside.sessions.seen(&found, after(7));
    beside.sessions.flush_touches().await.unwrap();
    assert_eq!(seen(&world.sessions).await, after(7));
}
