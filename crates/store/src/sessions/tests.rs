//! What `Sessions` promises, tried over the embedded store.

mod change;
mod end;
mod lifetime;
mod minted;
mod password;
mod sharing;
mod unremoved;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, raw_sql};
use symbolon_core::Generation;
use symbolon_core::session::Patch;
use tempfile::TempDir;

use super::*;
use crate::clock::Clock;
use crate::conformance::{NOW, sample};
use crate::session_store::{PatchOutcome, Rotation};
use crate::sqlite::SqliteStore;

/// Sessions over a store in a folder of its own.
struct World {
    sessions: Arc<Sessions>,
    store: Arc<SqliteStore>,
    folder: TempDir,
}

impl World {
    async fn new() -> Self {
        Self::with_cache(1024).await
    }

    async fn with_cache(cache_entries: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open(folder, cache_entries).await
    }

    /// What a new process finds.
    async fn restart(self) -> Self {
        self.store.close().await;
        Self::open(self.folder, 1024).await
    }

    async fn open(folder: TempDir, cache_entries: usize) -> Self {
        let path = folder.path().join("symbolon.db");
        let store = SqliteStore::open(&format!("sqlite:{}", path.display())).await;
        let store = Arc::new(store.unwrap());
        let config = SessionsConfig { cache_entries, touch_interval: TOUCH_INTERVAL };
        let sessions = Sessions::open(store.clone(), store.clone(), config, NOW).await;
        Self { sessions: sessions.unwrap(), store, folder }
    }

    /// One of the two files, as somebody else opens it.
    async fn file(&self, name: &str) -> SqliteConnection {
        let path = self.folder.path().join(name);
        SqliteConnectOptions::new().filename(path).connect().await.unwrap()
    }

    /// From now on, rows of sessions cannot be removed.
    async fn keep_rows(&self) {
        let trigger = "CREATE TRIGGER kept BEFORE DELETE ON session \
                       BEGIN SELECT RAISE(ABORT, 'kept'); END";
        let mut file = self.file("symbolon.sessions.db").await;
        raw_sql(trigger).execute(&mut file).await.unwrap();
    }

    /// Logs in at `now`.
    async fn log_in(&self, subject: &str, now: Timestamp) -> Arc<LiveSession> {
        let session = sample::session(subject, now);
        self.sessions.create(session).await.unwrap()
    }

    /// Whether a token opens a session, from memory or from the store; both must agree.
    async fn opens(&self, token: &TokenHash, now: Timestamp) -> bool {
        let cached = self.sessions.cached(token, now).is_some();
        let found = self.sessions.find(token, now).await.unwrap().is_some();
        assert!(found || !cached, "memory lets in what the store does not");
        found
    }
}

#[test]
fn a_session_in_memory_takes_one_block_of_256_bytes() {
    let reference_counts = 2 * size_of::<usize>();
    assert!(size_of::<LiveSession>() + reference_counts <= 256);
}

/// A clock that stands still.
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn still(at: Timestamp) -> Arc<dyn Clock> {
    Arc::new(Still(at))
}

const TOUCH_INTERVAL: Duration = Duration::from_mins(1);

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}
