//! What the audit log says of changes.

use serde_json::json;

use super::*;
use crate::core_store::CoreStore as _;

#[tokio::test]
async fn what_a_client_is_given_is_on_record() {
    let world = World::new().await;
    let client = Client { custom_id: Some("7".into()), ..Client::new(id("robot")) };
    world.clients.add(client, &by()).await.unwrap();
    let change = |client: &mut Client| {
        client.roles = vec!["admin".parse().unwrap()];
        client.groups = vec!["staff".into()];
        client.scopes = vec!["a:b".into()];
        client.labels = [("team".to_owned(), "blue".to_owned())].into();
    };
    world.clients.change(id("robot"), (Kind::ClientChanged, &by()), change).await.unwrap();
    let nothing = |client: &mut Client| client.custom_id = None;
    world.clients.change(id("robot"), (Kind::ClientChanged, &by()), nothing).await.unwrap();
    let page = world.store.audit(0, Timestamp::default(), 10).await.unwrap();
    let details: Vec<serde_json::Value> =
        page.entries.iter().map(|one| serde_json::from_str(&one.record.detail).unwrap()).collect();
    let changed = json!({
        "groups": ["staff"], "labels": { "team": "blue" }, "roles": ["admin"], "scopes": ["a:b"],
    });
    assert_eq!(details, [json!({ "custom_id": "7" }), changed, json!({ "custom_id": null })]);
}
