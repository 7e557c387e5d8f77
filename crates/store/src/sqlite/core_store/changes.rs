//! A change and the record of it, in one transaction.

use sqlx::SqliteConnection;

use super::super::SqliteStore;
use super::super::account_changes::AccountChange;
use super::super::audit;
use super::super::database::Statement;
use super::super::failure::{exists_or_unavailable, unavailable};
use crate::audit::Record;
use crate::error::StoreError;

impl SqliteStore {
    /// Adds a row of that kind and name; `change` is told after the commit.
    pub(super) async fn add(
        &self,
        statement: Statement,
        (what, name): (&'static str, String),
        record: &Record,
        change: Option<AccountChange>,
    ) -> Result<(), StoreError> {
        let record = record.clone();
        let added = self.core().write(move |connection| {
            Box::pin(async move {
                let outcome = statement.execute(&mut *connection).await;
                outcome.map_err(|error| exists_or_unavailable(what, name, error))?;
                audit::append(connection, &record).await?;
                Ok(change)
            })
        });
        added.await.map(drop)
    }

    /// Runs a statement that changes an account; whether there is such an account.
    pub(super) async fn change_account(
        &self,
        statement: Statement,
        record: &Record,
    ) -> Result<bool, StoreError> {
        let (change, record) = (self.files.accounts.begin(), record.clone());
        let changed = self.core().write(move |connection| {
            Box::pin(async move { Ok((run(statement, &record, connection).await? > 0, change)) })
        });
        let (is_known, _change) = changed.await?;
        Ok(is_known)
    }

    /// Runs a statement that changes something else; how many rows.
    pub(super) async fn change(
        &self,
        statement: Statement,
        record: &Record,
    ) -> Result<u64, StoreError> {
        let record = record.clone();
        let changed = self.core().write(move |connection| {
            Box::pin(async move { run(statement, &record, connection).await })
        });
        changed.await
    }
}

/// A statement and, where it changed something, the record of it.
async fn run(
    statement: Statement,
    record: &Record,
    connection: &mut SqliteConnection,
) -> Result<u64, StoreError> {
    let done = statement.execute(&mut *connection).await.map_err(unavailable)?;
    if done.rows_affected() > 0 {
        audit::append(connection, record).await?;
    }
    Ok(done.rows_affected())
}
