//! What the file itself refuses, whoever opens it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, raw_sql};

use super::*;
use crate::conformance::{NOW, sample};

#[tokio::test]
async fn records_cannot_be_changed_removed_or_put_in() {
    let backend = Sqlite::start().await;
    for name in ["alice", "bob", "carol"] {
        let account = sample::account(name, NOW);
        backend.store.create_account(&account, sample::record()).await.unwrap();
    }
    let path = backend.folder.path().join("data/symbolon.db");
    let mut other = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    let columns = "at, kind, actor, outcome, detail, previous, hash";
    let copy = format!("INTO audit (sequence, {columns}) SELECT 9, {columns} FROM audit LIMIT 1");
    for (statement, why) in [
        ("UPDATE audit SET subject = 'mallory' WHERE sequence = 2".to_owned(), "never changed"),
        ("DELETE FROM audit WHERE sequence = 3".to_owned(), "never removed"),
        ("DELETE FROM audit".to_owned(), "never removed"),
        (format!("INSERT {copy}"), "without gaps"),
        (format!("REPLACE {copy}").replace("SELECT 9", "SELECT 2"), "without gaps"),
    ] {
        let refused = raw_sql(&*Box::leak(statement.clone().into_boxed_str()));
        let error = refused.execute(&mut other).await.unwrap_err().to_string();
        assert!(error.contains(why), "{statement}: {error}");
    }
}
