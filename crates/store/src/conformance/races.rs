//! Verbs that meet: each race has the outcome of some order, and nobody's answer is a lie.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use serde_json::json;
use symbolon_core::session::Patch;
use symbolon_core::{Generation, Session};
use tokio::sync::Barrier;

use super::{Backend, NOW, sample};
use crate::error::StoreError;
use crate::session_store::{PatchOutcome, Rotation, SessionStore};

/// Tasks that race.
const MANY: usize = 200;

pub(crate) async fn racing_patches_lose_nothing(backend: impl Backend) {
    let (store, session) = with_session(&backend).await;
    let outcomes = race(MANY, |number| {
        let (store, id) = (store.clone(), session.id);
        let patch = keyed_patch(number);
        async move { store.patch(id, &patch, None).await.unwrap() }
    })
    .await;
    let mut generations = HashSet::new();
    for outcome in outcomes {
        let PatchOutcome::Applied(session) = outcome else {
            panic!("{outcome:?}");
        };
        generations.insert(session.generation);
    }
    assert_eq!(generations.len(), MANY, "each patch makes a generation");
    let after = store.find(&session.token).await.unwrap().unwrap();
    assert_eq!(after.generation, Generation(MANY as u64));
    assert_eq!(after.data.to_map().len(), MANY);
}

pub(crate) async fn racing_conditional_patches_have_one_winner(backend: impl Backend) {
    let (store, session) = with_session(&backend).await;
    let outcomes = race(MANY, |number| {
        let (store, id) = (store.clone(), session.id);
        let patch = keyed_patch(number);
        async move { store.patch(id, &patch, Some(Generation(0))).await.unwrap() }
    })
    .await;
    let moved = PatchOutcome::GenerationMoved(Generation(1));
    let losers = outcomes.iter().filter(|outcome| **outcome == moved).count();
    assert_eq!(losers, MANY - 1);
    let after = store.find(&session.token).await.unwrap().unwrap();
    assert_eq!(after.data.to_map().len(), 1);
}

pub(crate) async fn racing_rotations_replace_each_token_once(backend: impl Backend) {
    let (store, session) = with_session(&backend).await;
    let outcomes = race(MANY, |_| {
        let store = store.clone();
        let rotation = Rotation {
            id: session.id,
            token: sample::token(),
            authentication: None,
            begins_at: None,
        };
        async move { store.rotate(&rotation).await.unwrap().unwrap() }
    })
    .await;
    let dead: HashSet<_> = outcomes.iter().map(|(dead, _)| *dead).collect();
    assert_eq!(dead.len(), MANY, "no token is replaced twice");
    assert!(dead.contains(&session.token));
    let mut live = Vec::new();
    for token in outcomes.iter().map(|(_, after)| after.token) {
        live.extend(store.find(&token).await.unwrap());
    }
    assert_eq!(live.len(), 1, "one token opens the session in the end");
    assert_eq!(live[0].generation, Generation(MANY as u64));
}

pub(crate) async fn an_end_beats_concurrent_changes(backend: impl Backend) {
    for _ in 0..20 {
        let (store, session) = with_session(&backend).await;
        let tokens = race(16, |number| {
            let (store, id) = (store.clone(), session.id);
            let token = sample::token();
            async move {
                match number % 4 {
                    0 => drop(store.end(id).await.unwrap()),
                    1 => drop(store.patch(id, &keyed_patch(number), None).await.unwrap()),
                    2 => store.touch(&[touch(id)]).await.unwrap(),
                    _ => {
                        let rotation =
                            Rotation { id, token, authentication: None, begins_at: None };
                        store.rotate(&rotation).await.unwrap();
                    }
                }
                token
            }
        })
        .await;
        for token in tokens.into_iter().chain([session.token]) {
            assert_eq!(store.find(&token).await.unwrap(), None);
        }
        assert_eq!(store.find_by_id(session.id).await.unwrap(), None);
    }
}

pub(crate) async fn racing_ends_have_one_winner(backend: impl Backend) {
    let (store, session) = with_session(&backend).await;
    let outcomes = race(MANY, |_| {
        let (store, id) = (store.clone(), session.id);
        async move { store.end(id).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(winners, [session.token]);
}

pub(crate) async fn racing_accounts_of_one_name_have_one_winner(backend: impl Backend) {
    let store = backend.core();
    let outcomes = race(MANY, |_| {
        let store = store.clone();
        let account = sample::account("alice", NOW);
        async move { store.create_account(&account, sample::record()).await }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for outcome in lost {
        let taken = matches!(&outcome, Err(StoreError::Exists { name, .. }) if name == "alice");
        assert!(taken, "{outcome:?}");
    }
}

pub(crate) async fn racing_passwords_have_one_winner(backend: impl Backend) {
    let store = backend.core();
    let account = sample::account("alice", NOW);
    store.create_account(&account, sample::record()).await.unwrap();
    let outcomes = race(MANY, |number| {
        let (store, account) = (store.clone(), account.clone());
        async move {
            let new = format!("hash {number}");
            store
                .set_password(
                    &account.subject,
                    (&account.password_hash, &new),
                    NOW,
                    None,
                    sample::record(),
                )
                .await
                .unwrap()
                .then_some(new)
        }
    })
    .await;
    let winners: Vec<_> = outcomes.into_iter().flatten().collect();
    let after = store.find_account(&account.subject).await.unwrap().unwrap();
    assert_eq!(winners, [after.password_hash]);
}

/// The outcomes of tasks that all start at the same time.
async fn race<T, F>(tasks: usize, make: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(tasks));
    let racing: Vec<_> = (0..tasks)
        .map(|number| {
            let (start, task) = (start.clone(), make(number));
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(tasks);
    for task in racing {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

async fn with_session(backend: &impl Backend) -> (Arc<dyn SessionStore>, Session) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    (store, session)
}

fn keyed_patch(number: usize) -> Patch {
    let key = format!("key{number}");
    Patch::parse(json!({ key: number }).to_string().as_bytes()).unwrap()
}

fn touch(id: symbolon_core::SessionId) -> crate::session_store::Touch {
    let at = NOW.plus(std::time::Duration::from_mins(1));
    crate::session_store::Touch { id, at }
}
