//! Ended sessions.

use std::pin::pin;
use std::slice;

use futures_util::FutureExt as _;

use super::*;
use crate::core_store::{CoreStore as _, Revocation, Revoked};
use crate::sessions::crowding::MAX_SESSIONS_OF_ACCOUNT;

#[tokio::test]
async fn an_ended_session_lets_nobody_in() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let other = world.log_in("alice", NOW).await;
    let token = live.session.token;
    assert!(world.opens(&token, NOW).await);
    assert!(world.sessions.end(live.session.id, NOW).await.unwrap());

    assert!(!world.opens(&token, NOW).await);
    assert!(world.sessions.is_revoked(&live.session), "a stream in its name must stop");
    assert!(!world.sessions.end(live.session.id, NOW).await.unwrap());
    assert!(world.opens(&other.session.token, NOW).await);
    let listed = world.sessions.list(None, 10).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|session| session.id).collect();
    assert_eq!(listed, [other.session.id]);
}

#[tokio::test]
async fn a_crash_between_log_and_store_lets_nobody_in() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let revocation = Revocation {
        what: Revoked::Session(live.session.id),
        at: NOW,
        forget_at: live.session.expires_at,
    };
    world.store.revoke(&revocation, sample::record()).await.unwrap();

    let world = world.restart().await;
    assert!(world.store.find(&live.session.token).await.unwrap().is_some());
    assert!(!world.opens(&live.session.token, NOW).await);
    assert_eq!(world.sessions.list(None, 10).await.unwrap(), []);
    let by_id = world.sessions.find_by_id(live.session.id).await.unwrap();
    assert_eq!(by_id, None);
}

#[tokio::test]
async fn a_session_that_the_store_brings_back_lets_nobody_in() {
    let world = World::new().await;
    let one = world.log_in("alice", NOW).await;
    let all = world.log_in("bob", NOW).await;
    world.sessions.end(one.session.id, NOW).await.unwrap();
    let bob = &all.session.subject;
    world.sessions.end_all(bob, after(1)).await.unwrap();

    for live in [&one, &all] {
        world.store.create(&live.session).await.unwrap();
        assert!(!world.opens(&live.session.token, after(2)).await);
    }
    let world = world.restart().await;
    for live in [&one, &all] {
        assert!(!world.opens(&live.session.token, after(2)).await);
    }
}

#[tokio::test]
async fn all_sessions_of_a_subject_end_and_nobody_elses() {
    let world = World::new().await;
    let mut sessions = Vec::new();
    for _ in 0..70 {
        sessions.push(world.log_in("alice", NOW).await);
    }
    let bob = world.log_in("bob", NOW).await;
    let alice = &sessions[0].session.subject;
    assert_eq!(world.sessions.end_all(alice, NOW).await.unwrap(), 70);
    for live in &sessions {
        assert!(!world.opens(&live.session.token, NOW).await);
    }
    assert!(world.opens(&bob.session.token, NOW).await);
}

#[tokio::test]
async fn a_log_in_after_log_out_everywhere_lives_even_in_the_same_microsecond() {
    let world = World::new().await;
    let alice = "alice".parse().unwrap();
    for round in 0..3 {
        let live = world.log_in("alice", NOW).await;
        assert!(world.opens(&live.session.token, NOW).await, "round {round}");
        assert_eq!(world.sessions.end_all(&alice, NOW).await.unwrap(), 1);
        assert!(!world.opens(&live.session.token, NOW).await, "round {round}");
    }
}

#[tokio::test]
async fn a_log_in_that_log_out_everywhere_overtook_is_dead() {
    let world = World::new().await;
    let alice = "alice".parse().unwrap();
    // The password was checked at `NOW`; it is changed, and everybody logged out, a second later.
    let begun = sample::session("alice", NOW);
    world.sessions.end_all(&alice, after(1)).await.unwrap();
    let live = world.sessions.create(begun).await.unwrap();
    assert!(world.sessions.is_revoked(&live.session));
    assert!(!world.opens(&live.session.token, after(2)).await);
    assert_eq!(world.store.count().await.unwrap(), 0, "nothing is left to come back");
}

#[tokio::test]
async fn a_clock_that_went_back_locks_nobody_out_and_keeps_nobody_in() {
    let world = World::new().await;
    let alice = "alice".parse().unwrap();
    let ahead = world.log_in("alice", after(3600)).await;
    // Meanwhile the clock was set right.
    assert_eq!(world.sessions.end_all(&alice, NOW).await.unwrap(), 1);
    assert!(!world.opens(&ahead.session.token, after(3600)).await);
    let again = world.log_in("alice", after(1)).await;
    assert!(world.opens(&again.session.token, after(1)).await);
}

#[tokio::test]
async fn revocations_are_forgotten_when_what_they_revoke_is_over() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    world.sessions.end(live.session.id, NOW).await.unwrap();
    let just_before = live.session.expires_at.minus(Duration::from_micros(1));
    world.sessions.maintain(just_before).await;
    assert!(world.sessions.is_revoked(&live.session));
    world.sessions.maintain(live.session.expires_at).await;
    assert!(!world.sessions.is_revoked(&live.session));
    assert_eq!(world.store.revocations(NOW).await.unwrap(), []);
}

#[tokio::test]
async fn revocations_do_not_pile_up() {
    let world = World::new().await;
    for number in 0..600u32 {
        let what = Revoked::Subject(format!("user{number}").parse().unwrap());
        let revocation = Revocation { what, at: NOW, forget_at: after(1) };
        world.store.revoke(&revocation, sample::record()).await.unwrap();
    }
    world.sessions.maintain(after(1)).await;
    assert_eq!(world.store.forget_revocations(after(1), u32::MAX).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_beats_the_requests_and_changes_that_race_it() {
    for _ in 0..30 {
        let world = World::new().await;
        let live = world.log_in("alice", NOW).await;
        let (id, token) = (live.session.id, live.session.token);
        let next = sample::token();
        let racing: Vec<_> = (0..8)
            .map(|number| {
                let sessions = world.sessions.clone();
                tokio::spawn(async move {
                    match number {
                        0 => drop(sessions.end(id, NOW).await.unwrap()),
                        1 => {
                            let token = next;
                            let authentication = None;
                            let rotation = Rotation { id, token, authentication, begins_at: None };
                            drop(sessions.rotate(&rotation, NOW).await.unwrap());
                        }
                        2 => sessions.flush_touches().await.unwrap(),
                        _ => {
                            if let Some(live) = sessions.find(&token, NOW).await.unwrap() {
                                sessions.seen(&live, after(120));
                            }
                        }
                    }
                })
            })
            .collect();
        for task in racing {
            task.await.unwrap();
        }
        for token in [token, next] {
            assert!(!world.opens(&token, NOW).await);
        }
    }
}

/// As far as a crash right after the change: whoever asked comes to nothing more.
#[tokio::test]
async fn a_closed_account_has_no_session_though_nothing_comes_after_the_change() {
    let mut world = World::new().await;
    for (name, is_reset) in [("alice", false), ("bob", true)] {
        let live = world.log_in(name, NOW).await;
        let (subject, token) = (&live.session.subject, live.session.token);
        let record = sample::record();
        let change = async |old: &str| {
            if is_reset {
                world.sessions.reset_password(subject, (old, "new"), &still(NOW), record).await
            } else {
                world.sessions.disable(subject, &still(NOW), record).await
            }
            .unwrap()
        };
        assert!(!change(sample::PASSWORD_HASH).await, "no account");
        assert!(world.opens(&token, NOW).await);
        world.store.create_account(&sample::account(name, NOW), record).await.unwrap();
        assert!(change(sample::PASSWORD_HASH).await);
        assert!(!world.opens(&token, NOW).await, "{name}: in memory");
        drop(live);
        world = world.restart().await;
        assert!(!world.opens(&token, NOW).await, "{name}: after a restart");
    }
}

/// It is stored when the other sessions were looked at already, and answered before the account is
/// closed; nothing comes after that.
#[tokio::test]
async fn a_log_in_beside_the_closing_of_an_account_is_dead() {
    let world = World::new().await;
    let record = sample::record();
    world.store.create_account(&sample::account("alice", NOW), record).await.unwrap();
    let mut file = world.file("symbolon.db").await;
    raw_sql("BEGIN IMMEDIATE").execute(&mut file).await.unwrap();
    // The writer takes this, and waits for the file.
    let store = world.store.clone();
    let mut before = pin!(store.record(slice::from_ref(record)));
    assert!(before.as_mut().now_or_never().is_none());
    while world.store.waiting() > 0 {
        tokio::task::yield_now().await;
    }
    let (sessions, alice) = (world.sessions.clone(), "alice".parse().unwrap());
    let closed =
        tokio::spawn(
            async move { sessions.disable(&alice, &still(after(1)), sample::record()).await },
        );
    while world.store.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    let live = world.log_in("alice", after(2)).await;
    raw_sql("ROLLBACK").execute(&mut file).await.unwrap();
    before.await.unwrap();
    assert!(closed.await.unwrap().unwrap());
    let token = live.session.token;
    assert!(!world.opens(&token, after(3)).await);
    let world = world.restart().await;
    assert!(!world.opens(&token, after(3)).await);
    // And a closing that is over keeps nobody out.
    let live = world.log_in("alice", after(4)).await;
    assert!(world.opens(&live.session.token, after(4)).await);
}

#[tokio::test]
async fn an_account_has_a_bounded_number_of_sessions_and_the_oldest_goes() {
    let world = World::new().await;
    let oldest = world.log_in("alice", NOW).await;
    let of_bob = world.log_in("bob", NOW).await;
    let bound = u64::from(MAX_SESSIONS_OF_ACCOUNT);
    let mut newest = None;
    for at in 1..=bound {
        newest = Some(world.log_in("alice", after(at)).await);
    }
    assert!(!world.opens(&oldest.session.token, after(bound)).await);
    assert!(world.sessions.is_revoked(&oldest.session), "durably");
    assert!(world.opens(&newest.unwrap().session.token, after(bound)).await);
    assert!(world.opens(&of_bob.session.token, after(bound)).await);
    let subject = &oldest.session.subject;
    let listed = world.sessions.list(Some(subject), 1000).await.unwrap();
    assert_eq!(listed.len() as u64, bound);
}
