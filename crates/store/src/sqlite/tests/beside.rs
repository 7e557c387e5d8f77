//! Two processes on one store, and what comes between two steps of one of them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::*;
use crate::conformance::{NOW, sample};
use crate::sessions::{Sessions, SessionsConfig};

const CONFIG: SessionsConfig =
    SessionsConfig { cache_entries: 100, touch_interval: Duration::from_mins(1) };

async fn sessions(store: &SqliteStore) -> Arc<Sessions> {
    let store = Arc::new(store.clone());
    Sessions::open_beside(true, store.clone(), store, CONFIG, NOW).await.unwrap()
}

#[tokio::test]
async fn a_log_in_that_was_about_to_be_stored_is_dead_once_all_were_ended() {
    let backend = Sqlite::start().await;
    let path = backend.folder.path().join("data/symbolon.db");
    let url = format!("sqlite:{}", path.display());
    let lock = backend.store.share_lock().unwrap();
    let other = SqliteStore::open_shared(&url, lock).await.unwrap();
    let (here, there) = (sessions(&backend.store).await, sessions(&other).await);

    // The log-in has looked at the revocation log, and waits for its writer.
    let (let_go, held) = oneshot::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let holding = {
        let other = other.clone();
        tokio::spawn(async move {
            let job = other.sessions().write(move |_| {
                Box::pin(async move {
                    begun.send(()).unwrap();
                    held.await.unwrap();
                    Ok(())
                })
            });
            job.await
        })
    };
    has_begun.await.unwrap();
    let session = sample::session("alice", NOW);
    let (subject, token) = (session.subject.clone(), session.token);
    let log_in = {
        let there = there.clone();
        tokio::spawn(async move { there.create(session).await })
    };
    while other.sessions().waiting() == 0 {
        tokio::task::yield_now().await;
    }

    // Nothing can be removed while the writer is held, so all depends on the log.
    let later = NOW.plus(Duration::from_secs(1));
    here.end_all(&subject, later).await.unwrap();
    let_go.send(()).unwrap();
    holding.await.unwrap().unwrap();
    let live = log_in.await.unwrap().unwrap();
    assert!(there.is_revoked(&live.session));
    assert_eq!(backend.sessions().find(&token).await.unwrap(), None, "it is not left behind");
    for sessions in [&here, &there] {
        assert!(sessions.find(&token, later).await.unwrap().is_none());
    }
}
