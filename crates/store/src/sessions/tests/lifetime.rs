//! Uses, idleness, expiry.

use super::*;
use crate::clock::Clock;

#[tokio::test]
async fn a_use_counts_at_once_and_is_stored_later() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    world.sessions.seen(&live, after(90));
    world.sessions.seen(&live, after(80));
    assert_eq!(live.last_seen(), after(90));
    assert_eq!(stored(&world, &live).await, NOW);
    world.sessions.flush_touches().await.unwrap();
    assert_eq!(stored(&world, &live).await, after(90));
}

#[tokio::test]
async fn the_store_hears_of_a_session_once_in_the_touch_interval() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    for (used, heard_of) in [(59, 0), (60, 60), (61, 60), (119, 60), (120, 120)] {
        world.sessions.seen(&live, after(used));
        world.sessions.flush_touches().await.unwrap();
        assert_eq!(stored(&world, &live).await, after(heard_of), "used at {used}");
    }
}

#[tokio::test]
async fn a_short_idle_timeout_is_touched_more_often() {
    let world = World::new().await;
    let session =
        Session { idle_timeout: Duration::from_secs(20), ..sample::session("alice", NOW) };
    let live = world.sessions.create(session).await.unwrap();
    world.sessions.seen(&live, after(5));
    world.sessions.flush_touches().await.unwrap();
    assert_eq!(stored(&world, &live).await, after(5));
}

#[tokio::test]
async fn an_idle_session_is_over_and_a_used_one_is_not() {
    let world = World::new().await;
    let [idle, used] = [world.log_in("alice", NOW).await, world.log_in("bob", NOW).await];
    let timeout = idle.session.idle_timeout;
    world.sessions.seen(&used, after(100));
    let now = NOW.plus(timeout);
    assert!(!world.opens(&idle.session.token, now).await);
    assert!(world.opens(&used.session.token, now).await);
}

#[tokio::test]
async fn no_use_moves_the_absolute_end() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let end = live.session.expires_at;
    let just_before = end.minus(Duration::from_micros(1));
    world.sessions.seen(&live, just_before);
    assert!(world.opens(&live.session.token, just_before).await);
    assert!(!world.opens(&live.session.token, end).await);
}

#[tokio::test]
async fn expiry_spares_what_was_used_though_the_store_has_not_heard_of_it() {
    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    world.sessions.seen(&live, after(59));
    let now = after(58).plus(live.session.idle_timeout);
    assert_eq!(world.sessions.expire(now).await.unwrap(), 0);
    assert!(world.opens(&live.session.token, now).await);
    assert_eq!(world.sessions.expire(after(24 * 60 * 60)).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_over_leaves_the_cache() {
    let world = World::new().await;
    for _ in 0..20 {
        world.log_in("alice", NOW).await;
    }
    assert_eq!(world.sessions.cache_entries(), 20);
    for _ in 0..64 {
        world.sessions.maintain(after(60 * 60)).await;
    }
    assert_eq!(world.sessions.cache_entries(), 0);
}

#[tokio::test]
async fn what_still_waits_is_written_at_shutdown() {
    struct Stopped;
    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            NOW
        }
    }

    let world = World::new().await;
    let live = world.log_in("alice", NOW).await;
    let (stop, stopped) = tokio::sync::watch::channel(true);
    world.sessions.seen(&live, after(90));
    // On whichever thread is free.
    tokio::spawn(world.sessions.clone().run(Arc::new(Stopped), stopped)).await.unwrap();
    drop(stop);
    assert_eq!(stored(&world, &live).await, after(90));
}

async fn stored(world: &World, live: &LiveSession) -> Timestamp {
    let session = world.store.find(&live.session.token).await.unwrap();
    session.unwrap().last_seen
}
