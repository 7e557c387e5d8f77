//! A password that its owner changes.

use futures_util::FutureExt as _;

use super::*;
use crate::audit::By;
use crate::core_store::CoreStore as _;

async fn world() -> (World, Arc<LiveSession>) {
    let world = World::new().await;
    let account = sample::account("alice", NOW);
    world.store.create_account(&account, sample::record()).await.unwrap();
    let own = world.log_in("alice", NOW).await;
    (world, own)
}

fn change(own: &LiveSession, ends_others: bool) -> PasswordChange {
    let (id, token) = (own.session.id, sample::token());
    PasswordChange {
        subject: own.session.subject.clone(),
        hashes: (sample::PASSWORD_HASH.to_owned(), "new".to_owned()),
        rotation: Rotation { id, token, authentication: None, begins_at: None },
        ends_others,
    }
}

async fn change_it(world: &World, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
    let by = By::system(after(1));
    world.sessions.change_password(change.clone(), &still(after(1)), &by).await
}

async fn has_new_password(world: &World) -> bool {
    let account = world.store.find_account(&"alice".parse().unwrap()).await.unwrap().unwrap();
    account.password_hash == "new"
}

/// As far as a crash right after the change: no row of the others is removed.
#[tokio::test]
async fn the_others_end_with_the_change_and_not_after_it() {
    let (world, own) = world().await;
    let other = world.log_in("alice", NOW).await;
    let (alice, change) = (&own.session.subject, change(&own, true));
    world.keep_rows().await;
    assert!(matches!(change_it(&world, &change).await, Ok(PasswordChanged::Done(1))));
    assert!(has_new_password(&world).await);
    // A tunnel by the password itself, which is no session.
    assert!(world.sessions.is_subject_revoked(alice, NOW));
    assert!(!world.sessions.is_subject_revoked(alice, after(2)));
    // And one of this session, which may be somebody else's by the old token.
    assert!(world.sessions.is_revoked(&own.session));
    let world = world.restart().await;
    for (token, opens) in
        [(other.session.token, false), (own.session.token, false), (change.rotation.token, true)]
    {
        assert_eq!(world.opens(&token, after(2)).await, opens);
    }
    let log_in = world.log_in("alice", after(3)).await;
    assert!(world.opens(&log_in.session.token, after(3)).await);
}

#[tokio::test]
async fn where_the_others_cannot_be_ended_the_password_is_the_old_one() {
    let (world, own) = world().await;
    let other = world.log_in("alice", NOW).await;
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON revocation \
                   BEGIN SELECT RAISE(ABORT, 'full'); END";
    raw_sql(trigger).execute(&mut world.file("symbolon.db").await).await.unwrap();
    assert!(change_it(&world, &change(&own, true)).await.is_err());
    assert!(!has_new_password(&world).await);
    assert!(world.opens(&other.session.token, NOW).await);
}

#[tokio::test]
async fn the_others_stay_where_they_are_to_and_tunnels_with_them() {
    let (world, own) = world().await;
    let other = world.log_in("alice", NOW).await;
    let change = change(&own, false);
    assert!(matches!(change_it(&world, &change).await, Ok(PasswordChanged::Done(0))));
    assert!(world.opens(&other.session.token, after(2)).await);
    assert!(!world.opens(&own.session.token, after(2)).await);
    assert!(world.opens(&change.rotation.token, after(2)).await);
    assert!(!world.sessions.is_subject_revoked(&own.session.subject, NOW));
}

#[tokio::test]
async fn a_change_comes_to_its_end_though_nobody_waits() {
    let (world, own) = world().await;
    let other = world.log_in("alice", NOW).await;
    let change = change(&own, true);
    assert!(change_it(&world, &change).now_or_never().is_none());
    let done = async {
        while world.store.count().await.unwrap() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), done).await.expect("it goes on by itself");
    assert!(has_new_password(&world).await);
    assert!(!world.opens(&other.session.token, after(2)).await);
    assert!(world.opens(&change.rotation.token, after(2)).await);
}

#[tokio::test]
async fn what_is_over_changes_nothing() {
    let (world, own) = world().await;
    let wrong =
        PasswordChange { hashes: ("another".to_owned(), "new".to_owned()), ..change(&own, true) };
    assert!(matches!(change_it(&world, &wrong).await, Ok(PasswordChanged::Meanwhile)));
    assert!(world.opens(&wrong.rotation.token, after(2)).await);
    world.sessions.end(own.session.id, NOW).await.unwrap();
    assert!(matches!(change_it(&world, &change(&own, true)).await, Ok(PasswordChanged::NoSession)));
    assert!(!has_new_password(&world).await);
}
