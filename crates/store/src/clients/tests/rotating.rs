//! Credentials that follow each other, for as long as the client lives.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn what_has_run_out_makes_room_for_what_follows() {
    let world = World::new().await;
    world.add("robot").await;
    // Of another kind, and run out as well: nobody replaces that.
    let other = (Some(named("other")), shared("k"));
    world.clients.add_credential(id("robot"), other, Some(NOW), &by()).await.unwrap();
    let mut hash = world.key("robot").await;
    let mut current = named("api-key-1");
    for _ in 0..2 * MAX_CREDENTIALS {
        hash = PlainToken::generate(TokenKind::ApiKey, &OsRandom).hash();
        let proof = Proof::ApiKey { hash };
        let terms = (Duration::ZERO, None);
        let rotated =
            world.clients.rotate_credential(id("robot"), current, proof, terms, &by()).await;
        current = rotated.unwrap();
    }
    let world = world.restart().await;
    assert!(world.lets_in(&hash, NOW));
    let client = Arc::clone(world.clients.current().client(&id("robot")).unwrap());
    assert!(client.credentials.len() <= MAX_CREDENTIALS);
    assert!(client.credentials.iter().any(|credential| credential.id == named("other")));
}

#[tokio::test]
async fn what_is_good_makes_no_room() {
    let world = World::new().await;
    world.add("robot").await;
    for _ in 0..MAX_CREDENTIALS {
        world.key("robot").await;
    }
    let proof = Proof::ApiKey { hash: PlainToken::generate(TokenKind::ApiKey, &OsRandom).hash() };
    let terms = (Duration::from_hours(1), None);
    let first = named("api-key-1");
    let refused = world.clients.rotate_credential(id("robot"), first, proof, terms, &by()).await;
    assert!(matches!(refused, Err(ClientsError::TooMany(..))));
    assert_eq!(world.clients.current().credentials(&id("robot")).len(), MAX_CREDENTIALS);
}
