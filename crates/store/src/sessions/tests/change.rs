//! Changed sessions.

use futures_util::FutureExt as _;
use serde_json::json;
use symbolon_core::Role;

use super::*;
use crate::audit::By;
use crate::core_store::CoreStore as _;

fn patch(key: &str) -> Patch {
    Patch::parse(json!({ key: 1 }).to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn the_next_request_sees_the_patch() {
    let world = World::new().await;
    let before = world.log_in("alice", NOW).await;
    let (id, token) = (before.session.id, before.session.token);
    before.internal_tokens().put("orders".into(), 1, after(60), "minted".into());
    let outcome = world.sessions.patch(id, &patch("cart"), None).await.unwrap();
    assert!(matches!(outcome, PatchOutcome::Applied(_)), "{outcome:?}");

    let now = world.sessions.find(&token, NOW).await.unwrap().unwrap();
    assert_eq!(now.session.generation, Generation(1));
    assert!(now.session.data.to_map().contains_key("cart"));
    let reused = now.internal_tokens().get("orders", 1, NOW);
    assert_eq!(reused, None, "a token of the generation before is not used again");
    let cached = world.sessions.cached(&token, NOW).unwrap();
    assert!(Arc::ptr_eq(&cached, &now));
}

#[tokio::test]
async fn a_patch_is_finished_though_its_caller_hung_up() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let change = patch("cart");
    let gone = world.sessions.patch(live.session.id, &change, None).now_or_never();
    assert!(gone.is_none());
    let told = async {
        while world.sessions.cached(&live.session.token, NOW).is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.unwrap();
    let now = world.sessions.find(&live.session.token, NOW).await.unwrap();
    assert_eq!(now.unwrap().session.generation, Generation(1));
}

#[tokio::test]
async fn a_rotated_token_is_dead_at_once_and_the_last_use_moves_on() {
    let world = World::new().await;
    let before = world.log_in("alice", NOW).await;
    let old = before.session.token;
    // Seen in memory, not yet in the store.
    world.sessions.seen(&before, after(30));
    let rotation = Rotation {
        id: before.session.id,
        token: in_another_shard(&old),
        authentication: None,
        begins_at: None,
    };
    let idle = before.session.idle_timeout;
    let just_live = after(29).plus(idle);
    let live = world.sessions.rotate(&rotation, just_live).await.unwrap().unwrap();
    assert_eq!(live.session.generation, Generation(1));
    assert_eq!(live.last_seen(), just_live);
    assert!(!world.opens(&old, just_live).await);
    assert!(world.sessions.cached(&rotation.token, just_live).is_some());
}

/// What comes into the shard of the cache that the old token has just left would not be kept: the
/// fence has moved.
fn in_another_shard(old: &TokenHash) -> TokenHash {
    let mut bytes = *old.as_bytes();
    bytes[31] ^= 0b11_1111;
    TokenHash::from_bytes(bytes)
}

#[tokio::test]
async fn a_session_that_is_over_is_not_rotated() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let rotation = Rotation {
        id: live.session.id,
        token: sample::token(),
        authentication: None,
        begins_at: None,
    };
    let over = NOW.plus(live.session.idle_timeout);
    assert!(world.sessions.rotate(&rotation, over).await.unwrap().is_none());
    assert!(!world.opens(&rotation.token, over).await);
}

#[tokio::test]
async fn new_roles_and_groups_are_in_the_next_request() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let roles: [Role; 1] = ["admin".parse().unwrap()];
    let subject = &live.session.subject;
    let groups = ["staff".to_owned()];
    let by = By::system(NOW);
    assert!(!world.sessions.set_roles(subject, &roles, &by).await.unwrap(), "no account");
    assert!(!world.sessions.set_groups(subject, &groups, &by).await.unwrap(), "no account");
    let account = sample::account("alice", NOW);
    world.store.create_account(&account, sample::record()).await.unwrap();
    assert!(world.sessions.set_roles(subject, &roles, &By::system(NOW)).await.unwrap());
    let now = world.sessions.find(&live.session.token, NOW).await.unwrap();
    assert_eq!(now.unwrap().session.authorization.roles, roles);
    assert!(world.sessions.set_groups(subject, &groups, &by).await.unwrap());
    let now = world.sessions.find(&live.session.token, NOW).await.unwrap();
    assert_eq!(now.unwrap().session.authorization.groups, groups);
    let account = world.store.find_account(subject).await.unwrap().unwrap();
    assert_eq!((&*account.roles, &*account.groups), (&roles[..], &groups[..]));
}

#[tokio::test]
async fn the_list_tells_the_device_that_memory_does_not_hold() {
    let world = World::new().await;
    let session = sample::session("alice", NOW);
    let live = world.sessions.create(session.clone()).await.unwrap();
    assert_eq!(live.session.device, None);
    let rotation =
        Rotation { id: session.id, token: sample::token(), authentication: None, begins_at: None };
    world.sessions.rotate(&rotation, NOW).await.unwrap().unwrap();
    world.sessions.patch(session.id, &patch("cart"), None).await.unwrap();
    let listed = world.sessions.list(Some(&session.subject), 10).await.unwrap();
    assert_eq!(listed[0].device, session.device);
}

#[tokio::test]
async fn without_a_cache_every_request_asks_the_store() {
    let world = World::with_cache(0).await;
    let live = world.log_in("alice", NOW).await;
    for _ in 0..3 {
        assert!(world.sessions.cached(&live.session.token, NOW).is_none());
        assert!(world.opens(&live.session.token, NOW).await);
    }
    assert_eq!(world.sessions.cache_misses(), 3);
    assert_eq!(world.sessions.cache_entries(), 0);
}

#[tokio::test]
async fn a_failing_store_is_told_to_all_who_shared_the_look_up() {
    let world = World::new().await;
    world.store.close().await;
    let token = sample::token();
    let [one, two] = [(); 2].map(|()| world.sessions.find(&token, NOW));
    let (one, two) = futures_util::future::join(one, two).await;
    for answer in [one, two] {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))));
    }
    assert_eq!(world.sessions.cache_misses(), 1);
}

/// As far as a crash between two writes: the one to the sessions cannot be done.
#[tokio::test]
async fn no_session_keeps_what_its_account_lost_wherever_a_change_ends() {
    use sqlx::ConnectOptions as _;
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let subject = &live.session.subject;
    world.store.create_account(&sample::account("alice", NOW), sample::record()).await.unwrap();
    let file = world.folder.path().join("symbolon.sessions.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut other = options.connect().await.unwrap();
    let stuck =
        "CREATE TRIGGER stuck BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'stuck'); END";
    sqlx::raw_sql(stuck).execute(&mut other).await.unwrap();
    assert!(world.sessions.set_roles(subject, &[], &By::system(NOW)).await.is_err());
    let account = world.store.find_account(subject).await.unwrap().unwrap();
    let session = world.sessions.find(&live.session.token, NOW).await.unwrap().unwrap();
    assert_eq!(account.roles, session.session.authorization.roles);
    assert!(!account.roles.is_empty());
    sqlx::raw_sql("DROP TRIGGER stuck").execute(&mut other).await.unwrap();

    // And the one to the account cannot be done: no session has what is not on record as given.
    let file = world.folder.path().join("symbolon.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut other = options.connect().await.unwrap();
    let stuck =
        "CREATE TRIGGER stuck BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'stuck'); END";
    sqlx::raw_sql(stuck).execute(&mut other).await.unwrap();
    let admin = ["admin".parse().unwrap()];
    assert!(world.sessions.set_roles(subject, &admin, &By::system(NOW)).await.is_err());
    let session = world.sessions.find(&live.session.token, NOW).await.unwrap().unwrap();
    assert_eq!(session.session.authorization.roles, []);
    sqlx::raw_sql("DROP TRIGGER stuck").execute(&mut other).await.unwrap();
    assert!(world.sessions.set_roles(subject, &admin, &By::system(NOW)).await.unwrap());
    let session = world.sessions.find(&live.session.token, NOW).await.unwrap().unwrap();
    assert_eq!(session.session.authorization.roles, admin);
}
