//! The shared commit.

use futures_util::FutureExt as _;
use symbolon_core::Session;
use tokio::sync::oneshot;

use super::*;
use crate::conformance::{NOW, sample};

/// Keeps the writer of the sessions busy until the sender is dropped, so that whatever is asked
/// for meanwhile shares the next commits.
fn hold(store: &SqliteStore) -> oneshot::Sender<()> {
    let (release, released) = oneshot::channel::<()>();
    let job = store.sessions().write(|_| {
        Box::pin(async {
            drop(released.await);
            Ok(())
        })
    });
    assert!(job.now_or_never().is_none());
    release
}

/// A job that adds a session, or adds one and then fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Statement,
    FailingStatement,
    Steps,
    FailingSteps,
}

const KINDS: [Kind; 4] = [Kind::Statement, Kind::FailingStatement, Kind::Steps, Kind::FailingSteps];

/// Whether it went well.
async fn run(kind: Kind, store: &SqliteStore, session: &Session) -> bool {
    let one = || session_row::insert(std::slice::from_ref(session)).unwrap();
    let twice = || session_row::insert(&[session.clone(), session.clone()]).unwrap();
    let steps = |fails| {
        let statement = one();
        store.sessions().write(move |connection| {
            Box::pin(async move {
                statement.execute(connection).await.map_err(failure::unavailable)?;
                if fails { Err(StoreError::Overloaded) } else { Ok(()) }
            })
        })
    };
    match kind {
        Kind::Statement => store.sessions().execute(one()).await.is_ok(),
        Kind::FailingStatement => store.sessions().execute(twice()).await.is_ok(),
        Kind::Steps => steps(false).await.is_ok(),
        Kind::FailingSteps => steps(true).await.is_ok(),
    }
}

#[tokio::test]
async fn whatever_shares_its_commit_a_job_that_fails_is_undone_alone() {
    let backend = Sqlite::start().await;
    let store = &backend.store;
    for number in 0..4_usize.pow(3) {
        let subject = format!("user{number}");
        let kinds = [number / 16, number / 4 % 4, number % 4].map(|kind| KINDS[kind]);
        let sessions = kinds.map(|_| sample::session(&subject, NOW));
        let held = hold(store);
        let jobs =
            std::iter::zip(kinds, &sessions).map(|(kind, session)| run(kind, store, session));
        let jobs = futures_util::future::join_all(jobs);
        let (went_well, ()) = futures_util::future::join(jobs, async { drop(held) }).await;
        let expected = kinds.map(|kind| matches!(kind, Kind::Statement | Kind::Steps));
        assert_eq!(went_well, expected, "{kinds:?}");
        let subject = subject.parse().unwrap();
        let mut stored = store.list(Some(&subject), 10).await.unwrap();
        stored.reverse();
        let expected = std::iter::zip(expected, sessions).filter(|(well, _)| *well);
        assert_eq!(stored, expected.map(|(_, session)| session).collect::<Vec<_>>(), "{kinds:?}");
    }
}

#[tokio::test]
async fn a_statement_that_ends_the_transaction_fails_all_who_share_it() {
    let backend = Sqlite::start().await;
    let store = backend.sessions();
    let kept = sample::session("alice", NOW);
    store.create(&kept).await.unwrap();
    let held = hold(&backend.store);
    let [before, after] = [(); 2].map(|()| sample::session("alice", NOW));
    // What the engine does of its own accord when the disk is full.
    let broken = sqlx::query("INSERT OR ROLLBACK INTO session SELECT * FROM session");
    let broken = backend.store.sessions().execute(broken);
    let answers = futures_util::future::join3(store.create(&before), broken, store.create(&after));
    drop(held);
    let (first, second, third) = answers.await;
    assert!(first.is_err() && second.is_err() && third.is_err());
    assert_eq!(store.list(None, 10).await.unwrap(), [kept]);
}

#[tokio::test]
async fn a_full_queue_refuses_and_what_it_took_is_done_though_nobody_waits() {
    let backend = Sqlite::start().await;
    let store = backend.sessions();
    let held = hold(&backend.store);
    let mut taken = 0;
    let refused = loop {
        let session = sample::session("alice", NOW);
        match store.create(&session).now_or_never() {
            None => taken += 1,
            Some(answer) => break answer,
        }
    };
    assert!(matches!(refused, Err(StoreError::Overloaded)), "{refused:?}");
    drop(held);
    // Jobs are done in their order, so when this one is done all are.
    while store.touch(&[]).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.count().await.unwrap(), taken);
}

#[tokio::test]
async fn a_commit_that_fails_acknowledges_nothing_and_the_next_one_works() {
    let backend = Sqlite::start().await;
    let store = backend.sessions();
    let held = hold(&backend.store);
    let [lost, kept] = [(); 2].map(|()| sample::session("alice", NOW));
    // What the engine does of its own accord when the disk is full.
    let broken = backend.store.sessions().write(|connection| {
        Box::pin(async move {
            let done = sqlx::query("ROLLBACK").execute(connection).await;
            done.map(drop).map_err(failure::unavailable)
        })
    });
    let answers = futures_util::future::join(store.create(&lost), broken);
    drop(held);
    let (first, second) = answers.await;
    assert!(matches!(first, Err(StoreError::Unavailable(_))), "{first:?}");
    assert!(second.is_err());
    store.create(&kept).await.unwrap();
    let all = store.list(None, 10).await.unwrap();
    assert_eq!(all, [kept]);
}

#[tokio::test]
async fn a_closed_store_refuses() {
    let backend = Sqlite::start().await;
    backend.store.close().await;
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    assert!(store.create(&session).await.is_err());
    assert!(store.find(&session.token).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn other_runtimes_may_use_it() {
    let backend = Sqlite::start().await;
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let store = backend.sessions();
            std::thread::spawn(move || on_own_runtime(&*store))
        })
        .collect();
    let mut made = 0;
    for thread in threads {
        let sessions = tokio::task::spawn_blocking(|| thread.join().unwrap());
        made += sessions.await.unwrap().len() as u64;
    }
    assert_eq!(backend.sessions().count().await.unwrap(), made);
}

fn on_own_runtime(store: &dyn SessionStore) -> Vec<Session> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let sessions: Vec<_> = (0..50).map(|_| sample::session("alice", NOW)).collect();
        for session in &sessions {
            store.create(session).await.unwrap();
            let found = store.find(&session.token).await.unwrap();
            assert_eq!(found.as_ref(), Some(session));
        }
        sessions
    })
}
