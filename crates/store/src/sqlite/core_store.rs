//! Accounts, revocations and signing keys in SQLite.

mod changes;
mod rows;

use async_trait::async_trait;
use symbolon_core::{KeyId, Role, SubjectId, Timestamp};

use super::SqliteStore;
use super::columns::{Columns, json};
use super::failure::unavailable;
use crate::audit::{AuditPage, Cut, Record};
use crate::core_store::{Account, CoreStore, LogMark, Revocation, StoredAttempts, StoredKey};
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
        let name = (ACCOUNT, account.subject.to_string());
        self.add(statement, name, record, Some(self.files.accounts.begin())).await
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
        row.as_ref().map(rows::account).transpose()
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
        rows.iter().map(rows::account).collect()
    }

    async fn set_password(
        &self,
        subject: &SubjectId,
        (old_hash, new_hash): (&str, &str),
        now: Timestamp,
        revocation: Option<&Revocation>,
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
        self.change_account(statement, None, revocation, record).await
    }

    async fn set_roles(
        &self,
        subject: &SubjectId,
        roles: &[Role],
        record: &Record,
    ) -> Result<bool, StoreError> {
        let statement =
            sqlx::query("UPDATE account SET roles = ?2 WHERE subject = ?1 AND roles <> ?2")
                .bind(subject.as_str())
                .bind(json(ACCOUNT, &roles)?);
        self.change_account(statement, Some(subject), None, record).await
    }

    async fn set_groups(
        &self,
        subject: &SubjectId,
        groups: &[String],
        record: &Record,
    ) -> Result<bool, StoreError> {
        let statement =
            sqlx::query("UPDATE account SET groups = ?2 WHERE subject = ?1 AND groups <> ?2")
                .bind(subject.as_str())
                .bind(json(ACCOUNT, &groups)?);
        self.change_account(statement, Some(subject), None, record).await
    }

    async fn set_disabled(
        &self,
        subject: &SubjectId,
        disabled: bool,
        revocation: Option<&Revocation>,
        record: &Record,
    ) -> Result<bool, StoreError> {
        let statement =
            sqlx::query("UPDATE account SET disabled = ?2 WHERE subject = ?1 AND disabled <> ?2")
                .bind(subject.as_str())
                .bind(disabled);
        self.change_account(statement, Some(subject), revocation, record).await
    }

    async fn revoke(&self, revocation: &Revocation, record: &Record) -> Result<(), StoreError> {
        self.change(changes::add_revocation(revocation), record).await.map(drop)
    }

    async fn revocations(&self, now: Timestamp) -> Result<Vec<Revocation>, StoreError> {
        let rows = sqlx::query("SELECT * FROM revocation WHERE forget_at > ?1 ORDER BY rowid")
            .bind(now.as_micros())
            .fetch_all(self.core().readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(rows::revocation).collect()
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
        Ok((rows.iter().map(rows::revocation).collect::<Result<_, _>>()?, last))
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
        self.add(statement, (SIGNING_KEY, key.id.to_string()), record, None).await
    }

    async fn list_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let rows = sqlx::query("SELECT * FROM signing_key ORDER BY created_at, id")
            .fetch_all(self.core().readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(rows::key).collect()
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
        up_to: u64,
        limit: u32,
        record: &Record,
    ) -> Result<Option<Cut>, StoreError> {
        self.remove_audit(before, up_to, limit, record).await
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
