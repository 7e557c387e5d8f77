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
async fn files_are_readable_for_their_owner_only() {
    let backend = Sqlite::start().await;
    let session = sample::session("alice", NOW);
    backend.sessions().create(&session).await.unwrap();
    let account = sample::account("alice", NOW);
    backend.core().create_account(&account).await.unwrap();
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
async fn an_address_of_another_kind_is_refused() {
    for url in ["postgres://localhost/x", "sqlite:", "sqlite://", "data.db", "sqlite:data/"] {
        assert!(SqliteStore::open(url).await.is_err(), "{url}");
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
