//! What `Sessions` promises, tried over the embedded store.

use super::*;
use crate::conformance::sample;
use crate::sqlite::SqliteStore;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

async fn embedded(folder: &tempfile::TempDir) -> SqliteStore {
    let path = folder.path().join("symbolon.db");
    SqliteStore::open(&format!("sqlite:{}", path.display()))
        .await
        .unwrap()
}

async fn open(store: &SqliteStore) -> Arc<Sessions> {
    let config = SessionsConfig {
        cache_entries: 1024,
        touch_interval: Duration::from_secs(60),
    };
    let store = Arc::new(store.clone());
    Sessions::open(store.clone(), store, config, NOW)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_ended_session_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = embedded(&folder).await;
    let sessions = open(&store).await;
    let live = sessions
        .create(sample::session("alice", NOW))
        .await
        .unwrap();
    let token = live.session.token;
    assert!(sessions.cached(&token, NOW).is_some());
    assert!(sessions.end(live.session.id, NOW).await.unwrap());
    assert!(sessions.cached(&token, NOW).is_none());
    assert!(sessions.find(&token, NOW).await.unwrap().is_none());
}
