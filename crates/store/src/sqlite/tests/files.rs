//! Whose the files are.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;
use crate::conformance::{NOW, sample};

#[tokio::test]
async fn a_second_process_is_refused() {
    let backend = Sqlite::start().await;
    let refused = open(&backend.folder).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })));
    backend.store.close().await;
    open(&backend.folder).await.unwrap();
}

#[tokio::test]
async fn a_process_that_is_handed_the_lock_is_let_in() {
    let backend = Sqlite::start().await;
    let path = backend.folder.path().join("data/symbolon.db");
    let url = format!("sqlite:{}", path.display());
    let lock = backend.store.share_lock().unwrap();
    let beside = SqliteStore::open_shared(&url, lock).await.unwrap();
    backend.store.close().await;
    assert!(backend.store.share_lock().is_err(), "it was let go of");
    let refused = open(&backend.folder).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })), "the other one holds it still");
    beside.close().await;
    open(&backend.folder).await.unwrap();
}

#[tokio::test]
async fn the_lock_of_another_store_lets_nobody_in() {
    let (one, other) = (Sqlite::start().await, Sqlite::start().await);
    let path = one.folder.path().join("data/symbolon.db");
    let url = format!("sqlite:{}", path.display());
    let lock = other.store.share_lock().unwrap();
    assert!(SqliteStore::open_shared(&url, lock).await.is_err());
    // A descriptor of the right file that nobody has locked is worth nothing either.
    let unlocked = std::fs::File::open(format!("{}.lock", path.display())).unwrap();
    let refused = SqliteStore::open_shared(&url, unlocked.into()).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })));
}

#[tokio::test]
async fn the_form_of_a_shared_file_is_not_changed() {
    let backend = Sqlite::start().await;
    backend.store.core().execute(sqlx::query("PRAGMA user_version = 0")).await.unwrap();
    let path = backend.folder.path().join("data/symbolon.db");
    let url = format!("sqlite:{}", path.display());
    let refused = SqliteStore::open_shared(&url, backend.store.share_lock().unwrap()).await;
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
}

#[tokio::test]
async fn files_are_readable_for_their_owner_only() {
    let backend = Sqlite::start().await;
    let session = sample::session("alice", NOW);
    backend.sessions().create(&session).await.unwrap();
    let account = sample::account("alice", NOW);
    backend.core().create_account(&account, sample::record()).await.unwrap();
    let folder = backend.folder.path().join("data");
    assert_eq!(mode(&folder), 0o700);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files.push(path.file_name().unwrap().to_owned());
    }
    for file in ["symbolon.db", "symbolon.sessions.db", "symbolon.sessions.db-wal"] {
        assert!(files.contains(&file.into()), "{file} in {files:?}");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let backend = Sqlite::start().await;
    let newer = sqlx::query("PRAGMA user_version = 999");
    let done = backend.store.core().execute(newer);
    done.await.unwrap();
    backend.store.close().await;
    let refused = open(&backend.folder).await.err().unwrap();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_by_its_name() {
    for name in ["symbolon.db", "symbolon.sessions.db"] {
        let backend = Sqlite::start().await;
        backend.store.close().await;
        let path = backend.folder.path().join("data").join(name);
        std::fs::write(&path, "this is no database ".repeat(500)).unwrap();
        let refused = open(&backend.folder).await.err().unwrap().to_string();
        assert_eq!(refused, format!("store file `{}` cannot be opened", path.display()));
    }
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused() {
    for url in ["postgres://localhost/x", "sqlite:", "sqlite://", "data.db", "sqlite:data/"] {
        assert!(SqliteStore::open(url).await.is_err(), "{url}");
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
