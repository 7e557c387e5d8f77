//! A change and the record of it, in one transaction.

use sqlx::SqliteConnection;
use symbolon_core::SubjectId;

use super::super::SqliteStore;
use super::super::account_changes::AccountChange;
use super::super::audit;
use super::super::database::Statement;
use super::super::failure::{exists_or_unavailable, unavailable};
use crate::audit::Record;
use crate::core_store::{Revocation, Revoked};
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

    /// Runs a statement that changes an account, and where there is such an account, puts a
    /// revocation beside it; whether there is.
    ///
    /// One that is `subject` is there also where it was that already, and nothing is changed; without
    /// it, none is there where nothing is changed.
    pub(super) async fn change_account(
        &self,
        statement: Statement,
        subject: Option<&SubjectId>,
        revocation: Option<&Revocation>,
        record: &Record,
    ) -> Result<bool, StoreError> {
        let (change, record) = (self.files.accounts.begin(), record.clone());
        let revocation = revocation.map(add_revocation);
        let exists = subject.map(|subject| {
            sqlx::query("SELECT 1 FROM account WHERE subject = ?1").bind(subject.to_string())
        });
        let changed = self.core().write(move |connection| {
            Box::pin(async move {
                let mut is_known = run(statement, &record, connection).await? > 0;
                if let Some(exists) = exists.filter(|_| !is_known) {
                    let found = exists.fetch_optional(&mut *connection).await;
                    is_known = found.map_err(unavailable)?.is_some();
                }
                if let Some(revocation) = revocation.filter(|_| is_known) {
                    revocation.execute(connection).await.map_err(unavailable)?;
                }
                Ok((is_known, change))
            })
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

/// The statement that adds an entry to the revocation log.
pub(super) fn add_revocation(revocation: &Revocation) -> Statement {
    let (session, subject) = match &revocation.what {
        Revoked::Session(id) => (Some(id.to_bytes().to_vec()), None),
        Revoked::Subject(subject) => (None, Some(subject.to_string())),
    };
    sqlx::query("INSERT INTO revocation (session, subject, at, forget_at) VALUES (?1, ?2, ?3, ?4)")
        .bind(session)
        .bind(subject)
        .bind(revocation.at.as_micros())
        .bind(revocation.forget_at.as_micros())
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
