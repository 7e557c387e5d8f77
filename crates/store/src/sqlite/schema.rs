//! The tables, and how a file of an older version becomes one of this version.
//!
//! A file's version is its `user_version`. Step *n* makes version *n* out of *n* - 1 in one
//! transaction and sets the number itself; a step that was released is never edited.

use futures_util::future::BoxFuture;
use sqlx::SqliteConnection;

use super::failure::unavailable;
use crate::error::StoreError;

/// What one file holds.
pub(super) struct Schema {
    what: &'static str,
    steps: &'static [&'static str],
}

/// Accounts, revocations, keys; the audit log and counters of attempts; clients.
pub(super) const CORE: Schema = Schema {
    what: "core database",
    steps: &[
        include_str!("schema/core_1.sql"),
        include_str!("schema/core_2.sql"),
        include_str!("schema/core_3.sql"),
    ],
};

/// Sessions.
pub(super) const SESSIONS: Schema = Schema {
    what: "session database",
    steps: &[include_str!("schema/sessions_1.sql"), include_str!("schema/sessions_2.sql")],
};

/// A file that a newer Symbolon has written; this one must not guess what it means.
#[derive(Debug, thiserror::Error)]
#[error("schema version {found} is newer than {known}, the newest this version knows")]
struct TooNew {
    found: usize,
    known: usize,
}

/// A file whose form has to change while another process works with it.
#[derive(Debug, thiserror::Error)]
#[error("schema version {found} is older than {known}: this version needs a restart")]
struct TooOld {
    found: usize,
    known: usize,
}

/// What is done with a file before it is used.
pub(super) type Prepare =
    for<'c> fn(&'static Schema, &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), StoreError>>;

impl Schema {
    /// Brings a file to the newest version.
    pub(super) fn upgrade<'c>(
        &'static self,
        connection: &'c mut SqliteConnection,
    ) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async {
            for step in self.missing(connection).await? {
                apply(step, connection).await.map_err(unavailable)?;
            }
            Ok(())
        })
    }

    /// Insists on the newest version.
    pub(super) fn insist<'c>(
        &'static self,
        connection: &'c mut SqliteConnection,
    ) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async {
            let known = self.steps.len();
            match self.missing(connection).await?.len() {
                0 => Ok(()),
                missing => Err(StoreError::Corrupt {
                    what: self.what,
                    source: Box::new(TooOld { found: known - missing, known }),
                }),
            }
        })
    }

    /// The steps from a file's version to the newest.
    async fn missing(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<&'static [&'static str], StoreError> {
        let version: i64 = sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(&mut *connection)
            .await
            .map_err(unavailable)?;
        let found = usize::try_from(version).unwrap_or(usize::MAX);
        let Some(missing) = self.steps.get(found..) else {
            let known = self.steps.len();
            return Err(StoreError::Corrupt {
                what: self.what,
                source: Box::new(TooNew { found, known }),
            });
        };
        Ok(missing)
    }
}

/// One step, whole or not at all; whoever opens the file after a failure finds it as it was.
async fn apply(step: &'static str, connection: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    sqlx::raw_sql(step).execute(&mut *connection).await?;
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(())
}
