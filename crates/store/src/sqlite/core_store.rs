//! Accounts, revocations and signing keys in SQLite.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use symbolon_core::{KeyId, Role, SessionId, SubjectId, Timestamp};

use super::SqliteStore;
use super::audit;
use super::columns::{Columns, json};
use super::database::Statement;
use super::failure::{exists_or_unavailable, unavailable};
use crate::audit::{AuditPage, Cut, Record};
use crate::core_store::{
    Account, CoreStore, LogMark, Revocation, Revoked, StoredAttempts, StoredKey,
};
use crate::error::StoreError;

const ACCOUNT: &str = "account";
const REVOCATION: &str = "revocation";
const SIGNING_KEY: &str = "signing key";

#[async_trait]
impl CoreStore for SqliteStore {
    async fn create_account(&self, account: &Account, record: &Record) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO account (subject, password_hash, roles, groups, disabled, created_at, \
             password_changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(account.subject.as_str())
        .bind(account.password_hash.as_str())
        .bind(json(ACCOUNT, &account.roles)?)
        .bind(json(ACCOUNT, &account.groups)?)
        .bind(account.disabled)
        .bind(account.created_at.as_micros())
        .bind(account.password_changed_at.as_micros());
        let (name, change) = (account.subject.to_string(), self.files.accounts.begin());
        let record = record.clone();
        let added = self.core().write(move |connection| {
            Box::pin(async move {
                let outcome = statement.execute(&mut *connection).await;
                outcome.map_err(|error| exists_or_unavailable(ACCOUNT, name, error))?;
                audit::append(connection, &record).await?;
                Ok(change)
            })
        });
        added.await.map(drop)
    }

    fn accounts_version(&self) -> u64 {
        self.files.accounts.version()
    }

    async fn find_account(&self, subject: &SubjectId) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query("SELECT * FROM account WHERE subject = ?1")
            .bind(subject.as_str())
            .fetch_optional(self.core().readers())
            .await
            .map_err(unavailable)?;
        row.as_ref().map(read_account).transpose()
    }

    async fn list_accounts(
        &self,
        after: Option<&SubjectId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        // No name is empty, so all names come after the empty text.
        let rows =
            sqlx::query("SELECT * FROM account WHERE subject > ?1 ORDER BY subject LIMIT ?2")
                .bind(after.map_or("", SubjectId::as_str))
                .bind(limit)
                .fetch_all(self.core().readers())
                .await
                .map_err(unavailable)?;
        rows.iter().map(read_account).collect()
    }

    async fn set_password(
        &self,
        subject: &SubjectId,
        old_hash: &str,
        new_hash: &str,
        now: Timestamp,
        record: &Record,
    ) -> Result<bool, StoreError> {
        let statement = sqlx::query(
            "UPDATE account SET password_hash = ?3, password_changed_at = ?4 \
             WHERE subject = ?1 AND password_hash = ?2",
        )
        .bind(subject.as_str())
        .bind(old_hash)
        .bind(new_hash)
        .bind(now.as_micros());
        self.change_account(statement, record).await
    }

    async fn set_roles(
        &self,
        subject: &SubjectId,
        roles: &[Role],
        record: &Record,
    ) -> Result<bool, StoreError> {
        let statement = sqlx::query("UPDATE account SET roles = ?2 WHERE subject = ?1")
            .bind(subject.as_str())
            .bind(json(ACCOUNT, &roles)?);
        self.change_account(statement, record).await
    }

    async fn set_groups(
        &self,
        subject: &SubjectId,
        groups: &[String],
        record: &Record,
    ) -> Result<bool, StoreError> {
        let statement = sqlx::query("UPDATE account SET groups = ?2 WHERE subject = ?1")
            .bind(subject.as_str())
            .bind(json(ACCOUNT, &groups)?);
        self.change_account(statement, record).await
    }

    async fn set_disabled(
        &self,
        subject: &SubjectId,
        disabled: bool,
        record: &Record,
    ) -> Result<bool, StoreError> {
        let statement = sqlx::query("UPDATE account SET disabled = ?2 WHERE subject = ?1")
            .bind(subject.as_str())
            .bind(disabled);
        self.change_account(statement, record).await
    }

    async fn revoke(&self, revocation: &Revocation, record: &Record) -> Result<(), StoreError> {
        let (session, subject) = match &revocation.what {
            Revoked::Session(id) => (Some(id.to_bytes().to_vec()), None),
            Revoked::Subject(subject) => (None, Some(subject.to_string())),
        };
        let statement = sqlx::query(
            "INSERT INTO revocation (session, subject, at, forget_at) VALUES (?1, ?2, ?3, ?4)",
        )
        .bind(session)
        .bind(subject)
        .bind(revocation.at.as_micros())
        .bind(revocation.forget_at.as_micros());
        self.change(statement, record).await.map(drop)
    }

    async fn revocations(&self, now: Timestamp) -> Result<Vec<Revocation>, StoreError> {
        let rows = sqlx::query("SELECT * FROM revocation WHERE forget_at > ?1 ORDER BY rowid")
            .bind(now.as_micros())
            .fetch_all(self.core().readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(read_revocation).collect()
    }

    async fn last_revocation(&self) -> Result<LogMark, StoreError> {
        let last: Option<i64> = sqlx::query_scalar("SELECT max(rowid) FROM revocation")
            .fetch_one(self.core().readers())
            .await
            .map_err(unavailable)?;
        Ok(LogMark(last.unwrap_or_default()))
    }

    async fn revocations_after(
        &self,
        mark: LogMark,
    ) -> Result<(Vec<Revocation>, LogMark), StoreError> {
        let rows = sqlx::query("SELECT rowid, * FROM revocation WHERE rowid > ?1 ORDER BY rowid")
            .bind(mark.0)
            .fetch_all(self.core().readers())
            .await
            .map_err(unavailable)?;
        let last = match rows.last() {
            Some(row) => LogMark(Columns { row, what: REVOCATION }.get("rowid")?),
            None => mark,
        };
        Ok((rows.iter().map(read_revocation).collect::<Result<_, _>>()?, last))
    }

    async fn forget_revocations(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let statement = sqlx::query(
            "DELETE FROM revocation WHERE rowid IN \
             (SELECT rowid FROM revocation WHERE forget_at <= ?1 LIMIT ?2)",
        )
        .bind(now.as_micros())
        .bind(limit);
        self.core().execute(statement).await
    }

    async fn add_key(&self, key: &StoredKey, record: &Record) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO signing_key (id, algorithm, sealed_private_key, created_at, \
             active_from, pulled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(key.id.as_str())
        .bind(key.algorithm.as_str())
        .bind(key.sealed_private_key.as_slice())
        .bind(key.created_at.as_micros())
        .bind(key.active_from.as_micros())
        .bind(key.pulled_at.map(Timestamp::as_micros));
        let (name, record) = (key.id.to_string(), record.clone());
        let added = self.core().write(move |connection| {
            Box::pin(async move {
                let outcome = statement.execute(&mut *connection).await;
                outcome.map_err(|error| exists_or_unavailable(SIGNING_KEY, name, error))?;
                audit::append(connection, &record).await
            })
        });
        added.await
    }

    async fn list_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let rows = sqlx::query("SELECT * FROM signing_key ORDER BY created_at, id")
            .fetch_all(self.core().readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(read_key).collect()
    }

    async fn pull_key(
        &self,
        id: &KeyId,
        now: Timestamp,
        record: &Record,
    ) -> Result<bool, StoreError> {
        // Pulled once is pulled since then; a second call does not move the time.
        let statement =
            sqlx::query("UPDATE signing_key SET pulled_at = coalesce(pulled_at, ?2) WHERE id = ?1")
                .bind(id.as_str())
                .bind(now.as_micros());
        Ok(self.change(statement, record).await? > 0)
    }

    async fn remove_key(&self, id: &KeyId, record: &Record) -> Result<(), StoreError> {
        let statement = sqlx::query("DELETE FROM signing_key WHERE id = ?1").bind(id.to_string());
        self.change(statement, record).await.map(drop)
    }

    async fn record(&self, records: &[Record]) -> Result<(), StoreError> {
        self.append_records(records).await
    }

    async fn audit(
        &self,
        after: u64,
        since: Timestamp,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        self.read_audit(after, since, limit).await
    }

    async fn cut_audit(
        &self,
        before: Timestamp,
        limit: u32,
        record: &Record,
    ) -> Result<Option<Cut>, StoreError> {
        self.remove_audit(before, limit, record).await
    }

    async fn audit_exported(&self, destination: &str) -> Result<u64, StoreError> {
        let up_to: Option<i64> =
            sqlx::query_scalar("SELECT sequence FROM audit_export WHERE destination = ?1")
                .bind(destination)
                .fetch_optional(self.core().readers())
                .await
                .map_err(unavailable)?;
        Ok(up_to.unwrap_or_default().cast_unsigned())
    }

    async fn set_audit_exported(&self, destination: &str, up_to: u64) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO audit_export (destination, sequence) VALUES (?1, ?2) \
             ON CONFLICT (destination) DO UPDATE SET sequence = ?2",
        )
        .bind(destination.to_owned())
        .bind(up_to.cast_signed());
        self.core().execute(statement).await.map(drop)
    }

    async fn save_attempts(&self, counters: &[StoredAttempts]) -> Result<(), StoreError> {
        self.write_attempts(counters).await
    }

    async fn load_attempts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredAttempts>, StoreError> {
        self.read_attempts(now, limit).await
    }

    async fn forget_attempts(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.remove_attempts(now, limit).await
    }
}

impl SqliteStore {
    /// Runs a statement that changes an account; whether there is such an account.
    async fn change_account(
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
    async fn change(&self, statement: Statement, record: &Record) -> Result<u64, StoreError> {
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

fn read_account(row: &SqliteRow) -> Result<Account, StoreError> {
    let read = Columns { row, what: ACCOUNT };
    Ok(Account {
        subject: read.name("subject")?,
        password_hash: read.get("password_hash")?,
        roles: read.json("roles")?,
        groups: read.json("groups")?,
        disabled: read.get("disabled")?,
        created_at: read.time("created_at")?,
        password_changed_at: read.time("password_changed_at")?,
    })
}

fn read_revocation(row: &SqliteRow) -> Result<Revocation, StoreError> {
    let what = REVOCATION;
    let read = Columns { row, what };
    let what = match read.optional_name("subject")? {
        Some(subject) => Revoked::Subject(subject),
        None => Revoked::Session(SessionId::from_bytes(read.bytes("session")?)),
    };
    Ok(Revocation { what, at: read.time("at")?, forget_at: read.time("forget_at")? })
}

fn read_key(row: &SqliteRow) -> Result<StoredKey, StoreError> {
    let what = SIGNING_KEY;
    let read = Columns { row, what };
    let pulled_at: Option<i64> = read.get("pulled_at")?;
    Ok(StoredKey {
        id: KeyId::new(read.get("id")?),
        algorithm: read.get("algorithm")?,
        sealed_private_key: read.get("sealed_private_key")?,
        created_at: read.time("created_at")?,
        active_from: read.time("active_from")?,
        pulled_at: pulled_at.map(Timestamp::from_micros),
    })
}
