//! What the store costs, printed. Not rules, so ignored unless asked for:
//! `cargo test --release -p symbolon-store measurements -- --ignored --nocapture --test-threads 1`

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use mimalloc::MiMalloc;
use symbolon_core::{OsRandom, SessionId};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::conformance::{NOW, sample};
use crate::core_store::{CoreStore as _, Revocation, Revoked};
use crate::session_store::SessionStore as _;
use crate::sessions::{LiveSession, Sessions, SessionsConfig};
use crate::sqlite::SqliteStore;

/// The allocator of the program, so that memory is counted as it will be used.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Long enough for the figure to settle.
const SPELL: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn writes_and_reads() {
    let (_folder, store) = open().await;
    for tasks in [1, 16, 64] {
        let rate = per_second(tasks, &store, |store| async move {
            store.create(&sample::session("alice", NOW)).await.unwrap();
        });
        println!("sessions created, {tasks} tasks: {:.0}/s", rate.await);
        let rate = per_second(tasks, &store, |store| async move {
            let what = Revoked::Session(SessionId::generate(&OsRandom));
            let revocation = Revocation { what, at: NOW, forget_at: NOW };
            store.revoke(&revocation, sample::record()).await.unwrap();
        });
        println!("revocations (synchronised), {tasks} tasks: {:.0}/s", rate.await);
    }
    let sessions = store.list(None, 10_000).await.unwrap();
    let tokens: Arc<Vec<_>> = Arc::new(sessions.iter().map(|session| session.token).collect());
    for tasks in [1, 8] {
        let shared = (store.clone(), tokens.clone());
        let rate = per_second(tasks, &shared, |(store, tokens)| async move {
            let [at, ..] = SessionId::generate(&OsRandom).to_bytes();
            let token = tokens[usize::from(at) * 39];
            store.find(&token).await.unwrap().unwrap();
        });
        println!("sessions read, {tasks} tasks: {:.0}/s", rate.await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn a_million_sessions() {
    let (folder, store) = open().await;
    let mut importing = Duration::ZERO;
    let mut last = None;
    for number in 0..100 {
        let some: Vec<_> = (0..10_000)
            .map(|at| sample::session(&format!("user{}", number * 10_000 + at), NOW))
            .collect();
        let start = Instant::now();
        store.import(&some).await.unwrap();
        importing += start.elapsed();
        last = some.last().map(|session| session.token);
    }
    println!("1,000,000 sessions imported: {importing:.1?}");
    store.close().await;
    let file = folder.path().join("symbolon.sessions.db");
    println!("their file: {} MiB", std::fs::metadata(file).unwrap().len() >> 20);
    let start = Instant::now();
    let store = at(&folder).await;
    let found = store.find(&last.unwrap()).await.unwrap();
    println!("opened and one found: {:.1?}", start.elapsed());
    assert!(found.is_some());
}

#[tokio::test]
#[ignore = "a measurement"]
async fn the_near_cache() {
    println!("fixed part of a cached session: {} bytes", size_of::<LiveSession>());
    for size in [1_000, 1_000_000] {
        near_cache_of(size).await;
    }
}

async fn near_cache_of(size: usize) {
    const LOOK_UPS: u32 = 4_000_000;

    let (_folder, store) = open().await;
    let store = Arc::new(store);
    let config = SessionsConfig { cache_entries: 1 << 20, touch_interval: Duration::from_mins(1) };
    let sessions = Sessions::open(store.clone(), store.clone(), config, NOW).await.unwrap();
    let mut tokens = Vec::with_capacity(size);
    // Little by little, so that the sessions do not move into what the import gave back.
    while tokens.len() < size {
        let some: Vec<_> = (0..100)
            .map(|at| sample::session(&format!("user{}@example.com", tokens.len() + at), NOW))
            .collect();
        tokens.extend(some.iter().map(|session| session.token));
        store.import(&some).await.unwrap();
    }
    let before = resident();
    for token in &tokens {
        sessions.find(token, NOW).await.unwrap();
    }
    assert_eq!(sessions.cache_entries(), size as u64);
    let memory = resident() - before;
    // Not in the order in which they came to lie in memory.
    tokens.sort_unstable();
    let start = Instant::now();
    for (_, token) in (0..LOOK_UPS).zip(tokens.iter().cycle()) {
        assert!(sessions.cached(token, NOW).is_some());
    }
    let hit = start.elapsed() / LOOK_UPS;
    println!("{size} cached sessions: {} MiB, a hit {hit:?}", memory >> 20);
    println!("that is {} bytes for each, with what reading them took", memory / size);
}

async fn open() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = at(&folder).await;
    (folder, store)
}

async fn at(folder: &TempDir) -> SqliteStore {
    let path = folder.path().join("symbolon.db");
    SqliteStore::open(&format!("sqlite:{}", path.display())).await.unwrap()
}

/// How often `tasks` tasks together get `act` done.
async fn per_second<S, T>(tasks: usize, shared: &S, act: fn(S) -> T) -> f64
where
    S: Clone + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let start = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|_| {
            let shared = shared.clone();
            tokio::spawn(async move {
                let mut count = 0_u32;
                while start.elapsed() < SPELL {
                    act(shared.clone()).await;
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut total = 0;
    for task in running {
        total += task.await.unwrap();
    }
    f64::from(total) / start.elapsed().as_secs_f64()
}

/// This process's memory in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
