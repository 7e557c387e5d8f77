//! Who waits for whom.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, raw_sql};

use super::*;

#[tokio::test]
async fn of_many_requests_that_see_a_change_one_reads_it() {
    let world = World::new().await;
    let other = World::beside(&world.store, &world.sessions, &world.master).await;
    other.add(Client::new(id("robot")), &by()).await.unwrap();
    let seen = async || {
        world.clients.catch_up().await.unwrap();
        world.clients.current.load_full()
    };
    let seen = futures_util::future::join_all((0..100).map(|_| seen())).await;
    assert!(seen[0].client(&id("robot")).is_some());
    assert!(seen.iter().all(|directory| Arc::ptr_eq(directory, &seen[0])));
}

#[tokio::test]
async fn other_clients_are_changed_while_the_sessions_of_one_end() {
    let world = World::new().await;
    world.add("app").await;
    let session =
        symbolon_core::Session { client: Some(id("app")), ..sample::session("alice", NOW) };
    let live = world.sessions.create(session).await.unwrap();
    let path = world.folder.path().join("symbolon.sessions.db");
    let mut file = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    raw_sql("BEGIN IMMEDIATE").execute(&mut file).await.unwrap();
    let clients = Arc::clone(&world.clients);
    let removed = tokio::spawn(async move { clients.remove(id("app"), &by()).await });
    while !world.sessions.is_revoked(&live.session) {
        tokio::task::yield_now().await;
    }
    world.add("other").await;
    assert!(!removed.is_finished(), "it waited for the sessions");
    raw_sql("ROLLBACK").execute(&mut file).await.unwrap();
    removed.await.unwrap().unwrap();
    assert_eq!(world.clients.current().len(), 1);
}
