//! The verbs of sessions, one at a time.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use symbolon_core::session::{Authentication, Patch};
use symbolon_core::{Generation, Session};

use super::{Backend, NOW, sample};
use crate::error::StoreError;
use crate::session_store::{PatchOutcome, Rotation};

pub(crate) async fn a_created_session_is_found_as_it_was(backend: impl Backend) {
    let store = backend.sessions();
    for session in [sample::session("alice", NOW), sample::rich_session("bob", NOW)] {
        store.create(&session).await.unwrap();
        let by_token = store.find(&session.token).await.unwrap();
        assert_eq!(by_token.as_ref(), Some(&session));
        let by_id = store.find_by_id(session.id).await.unwrap();
        assert_eq!(by_id.as_ref(), Some(&session));
    }
    let stranger = sample::session("alice", NOW);
    assert_eq!(store.find(&stranger.token).await.unwrap(), None);
    assert_eq!(store.find_by_id(stranger.id).await.unwrap(), None);
    assert_eq!(store.count().await.unwrap(), 2);
}

pub(crate) async fn a_token_and_an_id_are_given_once(backend: impl Backend) {
    let store = backend.sessions();
    let first = sample::session("alice", NOW);
    store.create(&first).await.unwrap();
    let other = || sample::session("bob", NOW);
    let same_id = Session { id: first.id, ..other() };
    let same_token = Session { token: first.token, ..other() };
    for second in [same_id, same_token] {
        let refused = store.create(&second).await;
        assert!(matches!(refused, Err(StoreError::Exists { .. })), "{refused:?}");
    }
    assert_eq!(store.find(&first.token).await.unwrap(), Some(first));
}

pub(crate) async fn lists_are_newest_first_and_bounded(backend: impl Backend) {
    let store = backend.sessions();
    let mut alices = Vec::new();
    for age in [30, 10, 20] {
        let begun = NOW.minus(Duration::from_secs(age));
        let session = sample::session("alice", begun);
        store.create(&session).await.unwrap();
        alices.push(session);
    }
    store.create(&sample::session("bob", NOW)).await.unwrap();
    alices.sort_by_key(|session| std::cmp::Reverse(session.created_at));

    let alice = alices[0].subject.clone();
    assert_eq!(store.list(Some(&alice), 10).await.unwrap(), alices);
    assert_eq!(store.list(Some(&alice), 2).await.unwrap(), alices[..2]);
    let all = store.list(None, 10).await.unwrap();
    assert_eq!(all.len(), 4);
    assert_eq!(all[0].subject.as_str(), "bob");
}

pub(crate) async fn a_patch_merges_and_bumps_the_generation(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    let steps = [
        (json!({"cart": [1], "locale": "de"}), json!({"cart": [1], "locale": "de"})),
        (json!({"cart": null, "a": {"b": 1}}), json!({"locale": "de", "a": {"b": 1}})),
    ];
    for (number, (change, expected)) in (1..).zip(steps) {
        let outcome = store.patch(session.id, &patch(&change), None).await.unwrap();
        let PatchOutcome::Applied(after) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(Value::Object(after.data.to_map()), expected);
        assert_eq!(after.generation, Generation(number));
        let stored = store.find(&session.token).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&*after));
    }
}

pub(crate) async fn a_patch_of_another_generation_is_refused(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    let change = patch(&json!({"a": 1}));
    let expected = Some(Generation(0));
    let first = store.patch(session.id, &change, expected).await.unwrap();
    assert!(matches!(first, PatchOutcome::Applied(_)), "{first:?}");
    let second = store.patch(session.id, &change, expected).await.unwrap();
    assert_eq!(second, PatchOutcome::GenerationMoved(Generation(1)));
}

pub(crate) async fn a_patch_over_the_bound_changes_nothing(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    let half = "x".repeat(symbolon_core::session::MAX_DATA_BYTES / 2);
    let first = patch(&json!({ "a": half }));
    store.patch(session.id, &first, None).await.unwrap();
    let before = store.find(&session.token).await.unwrap();
    let second = patch(&json!({ "b": half }));
    let refused = store.patch(session.id, &second, None).await.unwrap();
    assert_eq!(refused, PatchOutcome::TooLarge);
    assert_eq!(store.find(&session.token).await.unwrap(), before);
}

pub(crate) async fn a_rotated_token_opens_and_the_old_one_does_not(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    let stronger = Authentication {
        amr: ["pwd".into(), "otp".into()].into(),
        acr: "mfa".into(),
        at: NOW.plus(Duration::from_mins(1)),
    };
    let mut old = session.token;
    for authentication in [Some(stronger.clone()), None] {
        let rotation =
            Rotation { id: session.id, token: sample::token(), authentication, begins_at: None };
        let (dead, after) = store.rotate(&rotation).await.unwrap().unwrap();
        assert_eq!(dead, old);
        assert_eq!(after.authentication, stronger);
        assert_eq!(store.find(&old).await.unwrap(), None);
        assert_eq!(store.find(&rotation.token).await.unwrap().as_ref(), Some(&after));
        old = rotation.token;
    }
    let now = store.find_by_id(session.id).await.unwrap().unwrap();
    assert_eq!(now.generation, Generation(2));
}

pub(crate) async fn new_roles_reach_all_sessions_of_the_subject(backend: impl Backend) {
    let store = backend.sessions();
    let [one, two] = [(); 2].map(|()| sample::session("alice", NOW));
    let other = sample::session("bob", NOW);
    for session in [&one, &two, &other] {
        store.create(session).await.unwrap();
    }
    let roles = ["admin".parse().unwrap(), "customer".parse().unwrap()];
    let tokens = store.set_roles(&one.subject, &roles).await.unwrap();
    let tokens: HashSet<_> = tokens.into_iter().collect();
    assert_eq!(tokens, HashSet::from([one.token, two.token]));
    let groups = ["staff".to_owned()];
    let tokens = store.set_groups(&one.subject, &groups).await.unwrap();
    assert_eq!(HashSet::from_iter(tokens), HashSet::from([one.token, two.token]));
    for session in [one, two] {
        let after = store.find(&session.token).await.unwrap().unwrap();
        assert_eq!(after.authorization.roles, roles);
        assert_eq!(after.authorization.groups, groups);
        assert_eq!(after.generation, Generation(2));
    }
    assert_eq!(store.find(&other.token).await.unwrap(), Some(other));
}

pub(crate) async fn an_ended_session_is_gone_for_every_verb(backend: impl Backend) {
    let store = backend.sessions();
    let session = sample::session("alice", NOW);
    store.create(&session).await.unwrap();
    assert_eq!(store.end(session.id).await.unwrap(), Some(session.token));

    assert_eq!(store.end(session.id).await.unwrap(), None);
    assert_eq!(store.find(&session.token).await.unwrap(), None);
    assert_eq!(store.find_by_id(session.id).await.unwrap(), None);
    assert_eq!(store.list(Some(&session.subject), 10).await.unwrap(), []);
    let change = patch(&json!({"a": 1}));
    let patched = store.patch(session.id, &change, None).await.unwrap();
    assert_eq!(patched, PatchOutcome::NoSession);
    let rotation =
        Rotation { id: session.id, token: sample::token(), authentication: None, begins_at: None };
    assert_eq!(store.rotate(&rotation).await.unwrap(), None);
    assert_eq!(store.set_roles(&session.subject, &[]).await.unwrap(), []);
    assert_eq!(store.set_groups(&session.subject, &[]).await.unwrap(), []);
    assert_eq!(store.count().await.unwrap(), 0);
}

pub(crate) async fn all_sessions_of_a_subject_end_but_one(backend: impl Backend) {
    let store = backend.sessions();
    let [one, two, kept] = [(); 3].map(|()| sample::session("alice", NOW));
    let other = sample::session("bob", NOW);
    for session in [&one, &two, &kept, &other] {
        store.create(session).await.unwrap();
    }
    let end_all = |except| store.end_all_for_subject(&one.subject, except);
    let ended: HashSet<_> = end_all(Some(kept.id)).await.unwrap().into_iter().collect();
    assert_eq!(ended, HashSet::from([(one.id, one.token), (two.id, two.token)]));
    assert_eq!(store.find(&kept.token).await.unwrap().as_ref(), Some(&kept));
    assert_eq!(end_all(None).await.unwrap(), [(kept.id, kept.token)]);
    assert_eq!(store.list(None, 10).await.unwrap(), [other]);
}

pub(crate) async fn imported_sessions_are_found(backend: impl Backend) {
    let store = backend.sessions();
    let sessions: Vec<_> = (0..300).map(|_| sample::session("alice", NOW)).collect();
    store.import(&sessions).await.unwrap();
    for session in &sessions {
        let found = store.find(&session.token).await.unwrap();
        assert_eq!(found.as_ref(), Some(session));
    }
}

pub(crate) async fn what_was_acknowledged_survives_a_restart(backend: impl Backend) {
    let store = backend.sessions();
    let [kept, changed, rotated, ended] = [(); 4].map(|()| sample::session("alice", NOW));
    for session in [&kept, &changed, &rotated, &ended] {
        store.create(session).await.unwrap();
    }
    let change = patch(&json!({"cart": [1, 2]}));
    store.patch(changed.id, &change, None).await.unwrap();
    let rotation =
        Rotation { id: rotated.id, token: sample::token(), authentication: None, begins_at: None };
    store.rotate(&rotation).await.unwrap();
    store.end(ended.id).await.unwrap();
    drop(store);

    let backend = backend.restart().await;
    let store = backend.sessions();
    assert_eq!(store.find(&kept.token).await.unwrap(), Some(kept));
    let after = store.find(&changed.token).await.unwrap().unwrap();
    assert_eq!(after, changed.patched(&change).unwrap());
    assert_eq!(store.find(&rotated.token).await.unwrap(), None);
    assert!(store.find(&rotation.token).await.unwrap().is_some());
    assert_eq!(store.find(&ended.token).await.unwrap(), None);
}

fn patch(json: &Value) -> Patch {
    Patch::parse(json.to_string().as_bytes()).unwrap()
}
