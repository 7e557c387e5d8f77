//! What only this back-end promises, tried; and the suite for all.

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::conformance::Backend;
use crate::core_store::CoreStore;
use crate::session_store::SessionStore;

pub(crate) struct Sqlite {
    store: SqliteStore,
    folder: TempDir,
}

impl Backend for Sqlite {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder).await.unwrap();
        Self { store, folder }
    }

    async fn restart(self) -> Self {
        self.store.close().await;
        let store = open(&self.folder).await.unwrap();
        Self { store, ..self }
    }

    fn core(&self) -> Arc<dyn CoreStore> {
        Arc::new(self.store.clone())
    }

    fn sessions(&self) -> Arc<dyn SessionStore> {
        Arc::new(self.store.clone())
    }
}

async fn open(folder: &TempDir) -> Result<SqliteStore, StoreError> {
    let path = folder.path().join("data/symbolon.db");
    SqliteStore::open(&format!("sqlite:{}", path.display())).await
}

mod conforms {
    crate::conformance::suite!(crate::sqlite::tests::Sqlite);
}

mod audit;
mod beside;
mod files;
mod kill;
mod writer;
