//! Rows of sessions that are over and cannot be removed.

use super::*;
use crate::core_store::CoreStore as _;

/// More than are looked at in one go.
const MANY: u64 = 300;

/// How many ends of sessions are on record.
async fn recorded(world: &World) -> usize {
    let page = world.store.audit(0, Timestamp::default(), u32::MAX).await.unwrap();
    let kinds = page.entries.iter().map(|entry| entry.record.kind.as_ref());
    kinds.filter(|kind| *kind == "session_ended").count()
}

#[tokio::test]
async fn each_session_ends_once_though_its_row_stays() {
    let world = World::new().await;
    let app: symbolon_core::ClientId = "app".parse().unwrap();
    let open = async |at| {
        let client = Some(app.clone());
        // Each of somebody else: the sessions of one account are bounded.
        let session = Session { client, ..sample::session(&format!("user{at}"), after(at)) };
        world.sessions.create(session).await.unwrap().session.clone()
    };
    let mut sessions = Vec::new();
    for number in 1..MANY {
        sessions.push(open(number).await);
    }
    world.keep_rows().await;
    let by = crate::audit::By::system(after(MANY));
    let end = async || {
        let ended = world.sessions.end_all_for_client(&app, &by);
        let ended = tokio::time::timeout(Duration::from_mins(1), ended).await;
        ended.expect("it comes to an end").unwrap()
    };
    assert_eq!(end().await, MANY - 1);
    assert_eq!(recorded(&world).await as u64, MANY - 1);
    // The oldest, which is behind all others in every list.
    sessions.push(open(0).await);
    assert_eq!(end().await, 1);
    assert_eq!(end().await, 0);
    for session in &sessions {
        assert!(!world.opens(&session.token, after(MANY)).await);
        assert!(!world.sessions.end(session.id, after(MANY)).await.unwrap());
    }
    assert_eq!(recorded(&world).await as u64, MANY);
    assert_eq!(world.store.count().await.unwrap(), MANY);
}
