//! The embedded back-end: SQLite, two files, one writer each.

use crate::error::StoreError;

/// Both stores of one machine.
#[derive(Clone)]
pub struct SqliteStore {}

impl SqliteStore {
    /// Opens `sqlite:PATH`, making the files where there are none.
    pub async fn open(_url: &str) -> Result<Self, StoreError> {
        todo!()
    }
    /// Writes what is queued and lets go of the files.
    pub async fn close(&self) {
        todo!()
    }
}
