//! What the file itself refuses, whoever opens it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, raw_sql};

use super::*;
use crate::audit::{Broken, By, Chain, Entry, Kind, Record};
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

/// By somebody who may write the file, and takes the triggers away before.
#[tokio::test]
async fn what_was_made_unreadable_is_named() {
    for damage in [
        "UPDATE audit SET detail = 'no JSON' WHERE sequence = 2",
        "UPDATE audit SET detail = CAST(x'7bff7d' AS TEXT) WHERE sequence = 2",
        "UPDATE audit SET subject = CAST(x'ff' AS TEXT) WHERE sequence = 2",
        "PRAGMA ignore_check_constraints = 1; UPDATE audit SET hash = x'00' WHERE sequence = 2",
    ] {
        let backend = Sqlite::start().await;
        for name in ["alice", "bob", "carol"] {
            let account = sample::account(name, NOW);
            backend.store.create_account(&account, sample::record()).await.unwrap();
        }
        let path = backend.folder.path().join("data/symbolon.db");
        let mut other = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        raw_sql("DROP TRIGGER audit_never_changes").execute(&mut other).await.unwrap();
        raw_sql(damage).execute(&mut other).await.unwrap();
        let page = backend.store.audit(0, NOW, 10).await.unwrap();
        assert_eq!(page.entries.len(), 3, "{damage}");
        let mut chain = Chain::default();
        let mut lines = page.entries.iter().map(Entry::to_line);
        let broken = lines.find_map(|line| chain.follow(&Entry::from_line(&line).unwrap()).err());
        assert_eq!(broken, Some(Broken::Changed { sequence: 2 }), "{damage}");
    }
}

#[tokio::test]
async fn the_beginning_is_not_removed_without_a_record_of_it() {
    let backend = Sqlite::start().await;
    for name in ["alice", "bob", "carol"] {
        let account = sample::account(name, NOW);
        backend.store.create_account(&account, sample::record()).await.unwrap();
    }
    let path = backend.folder.path().join("data/symbolon.db");
    let mut other = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    let third = "SELECT 1, sequence, hash FROM audit WHERE sequence = 3";
    let insert = format!("INTO audit_cut (id, sequence, hash) {third}");
    let update = "UPDATE audit_cut SET sequence = 3, \
                  hash = (SELECT hash FROM audit WHERE sequence = 3)";
    let told = Record::new(Kind::AuditCut, &By::system(NOW));
    for is_cut_before in [false, true] {
        let mut statements = vec![format!("INSERT {insert}"), format!("REPLACE {insert}")];
        if is_cut_before {
            let before = NOW.plus(std::time::Duration::from_secs(1));
            backend.store.cut_audit(before, u64::MAX, 1, &told).await.unwrap().unwrap();
            statements.push(update.to_owned());
        }
        for statement in statements {
            let refused = raw_sql(&*Box::leak(statement.clone().into_boxed_str()));
            let error = refused.execute(&mut other).await.unwrap_err().to_string();
            assert!(error.contains("is told by"), "{statement}: {error}");
        }
    }
    // Told, but of another record than the one that is cut.
    let other_hash = told.with("up_to", 3).with("hash", "0".repeat(64));
    backend.store.record(&[other_hash]).await.unwrap();
    let error = raw_sql(update).execute(&mut other).await.unwrap_err().to_string();
    assert!(error.contains("is told by"), "{error}");
}
