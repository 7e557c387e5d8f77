//! What must never be lost: accounts, signing keys, the revocation log and the audit log.
//!
//! A verb that changes something takes the record of it along and appends it to the audit log in
//! the same transaction; where nothing was changed, nothing is recorded.

use async_trait::async_trait;
use symbolon_core::{KeyId, Role, SessionId, SubjectId, Timestamp};

use crate::audit::{AuditPage, Cut, Record};
use crate::error::StoreError;

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Immutable name.
    pub subject: SubjectId,
    /// Argon2id in PHC string form; a hash, not a secret that opens anything.
    pub password_hash: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Groups.
    pub groups: Vec<String>,
    /// A disabled account cannot log in and has no sessions.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the password was last set.
    pub password_changed_at: Timestamp,
}

/// An entry of the revocation log: append-only, kept until what it revokes would have expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// What is revoked.
    pub what: Revoked,
    /// When it was revoked.
    pub at: Timestamp,
    /// When the entry may be forgotten.
    pub forget_at: Timestamp,
}

/// What a revocation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// One session.
    Session(SessionId),
    /// All sessions of a subject created before the revocation ("log out everywhere").
    Subject(SubjectId),
}

/// A signing key at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// `kid`.
    pub id: KeyId,
    /// `ES256`.
    pub algorithm: String,
    /// PKCS#8, sealed under the master key for the place `signing-key:{kid}`.
    pub sealed_private_key: Vec<u8>,
    /// When it was made; it is published from then on.
    pub created_at: Timestamp,
    /// When it starts to sign.
    pub active_from: Timestamp,
    /// When it was pulled in an emergency; it verifies nothing any more.
    pub pulled_at: Option<Timestamp>,
}

/// How often a password was tried, as it is kept over a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAttempts {
    /// A keyed hash of whose password; empty for all of a source.
    pub mark: Vec<u8>,
    /// From where; empty for all of an account.
    pub source: String,
    /// How often.
    pub attempts: u32,
    /// When the last was counted.
    pub counted_at: Timestamp,
    /// When the next may be verified.
    pub next_at: Timestamp,
    /// When this source last proved this password.
    pub proved_at: Option<Timestamp>,
    /// When the counter may be forgotten.
    pub forget_at: Timestamp,
}

/// A place in the revocation log: after the entries that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogMark(pub(crate) i64);

/// Durable, relational, transactional. What is acknowledged survives SIGKILL and power loss.
#[async_trait]
pub trait CoreStore: Send + Sync {
    /// Adds an account; [`StoreError::Exists`] when the name is taken.
    async fn create_account(&self, account: &Account, record: &Record) -> Result<(), StoreError>;
    /// A number that is another one after every change to an account, before it is answered.
    fn accounts_version(&self) -> u64;
    /// The account of that name.
    async fn find_account(&self, subject: &SubjectId) -> Result<Option<Account>, StoreError>;
    /// Up to `limit` accounts in the order of their names, those after `after`.
    async fn list_accounts(
        &self,
        after: Option<&SubjectId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError>;
    /// Replaces the password hash if it is still the old one; whether it was. In the same
    /// transaction the revocation, if there is one.
    async fn set_password(
        &self,
        subject: &SubjectId,
        old_and_new_hash: (&str, &str),
        now: Timestamp,
        revocation: Option<&Revocation>,
        record: &Record,
    ) -> Result<bool, StoreError>;
    /// Replaces the roles; whether the account exists.
    async fn set_roles(
        &self,
        subject: &SubjectId,
        roles: &[Role],
        record: &Record,
    ) -> Result<bool, StoreError>;
    /// Replaces the groups; whether the account exists.
    async fn set_groups(
        &self,
        subject: &SubjectId,
        groups: &[String],
        record: &Record,
    ) -> Result<bool, StoreError>;
    /// Disables or enables; whether the account exists. In the same transaction the revocation,
    /// if there is one.
    async fn set_disabled(
        &self,
        subject: &SubjectId,
        disabled: bool,
        revocation: Option<&Revocation>,
        record: &Record,
    ) -> Result<bool, StoreError>;

    /// Appends to the revocation log. Durable when it returns.
    async fn revoke(&self, revocation: &Revocation, record: &Record) -> Result<(), StoreError>;
    /// Every entry that may not be forgotten yet.
    async fn revocations(&self, now: Timestamp) -> Result<Vec<Revocation>, StoreError>;
    /// The mark behind the newest entry.
    async fn last_revocation(&self) -> Result<LogMark, StoreError>;
    /// The entries that were added after a mark, in the order in which they were, and the mark
    /// behind the last of them. Complete only while nobody forgets entries.
    async fn revocations_after(
        &self,
        mark: LogMark,
    ) -> Result<(Vec<Revocation>, LogMark), StoreError>;
    /// Forgets up to `limit` entries whose time has come; how many.
    async fn forget_revocations(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Adds a signing key.
    async fn add_key(&self, key: &StoredKey, record: &Record) -> Result<(), StoreError>;
    /// All signing keys, oldest first.
    async fn list_keys(&self) -> Result<Vec<StoredKey>, StoreError>;
    /// Marks a key as pulled; whether it exists.
    async fn pull_key(
        &self,
        id: &KeyId,
        now: Timestamp,
        record: &Record,
    ) -> Result<bool, StoreError>;
    /// Removes a key that signed nothing that is still valid.
    async fn remove_key(&self, id: &KeyId, record: &Record) -> Result<(), StoreError>;

    /// Appends records of what is no change here, in this order. Durable when it returns.
    async fn record(&self, records: &[Record]) -> Result<(), StoreError>;
    /// Up to `limit` entries of the audit log behind the number `after`, of those that are not
    /// older than `since`.
    async fn audit(
        &self,
        after: u64,
        since: Timestamp,
        limit: u32,
    ) -> Result<AuditPage, StoreError>;
    /// Removes up to `limit` of the first entries that are all older than `before` and have no
    /// higher number than `up_to`, and appends `record` with what was removed; `None` where there
    /// is none.
    async fn cut_audit(
        &self,
        before: Timestamp,
        up_to: u64,
        limit: u32,
        record: &Record,
    ) -> Result<Option<Cut>, StoreError>;
    /// Up to which number the entries were told to a destination.
    async fn audit_exported(&self, destination: &str) -> Result<u64, StoreError>;
    /// They were told up to there.
    async fn set_audit_exported(&self, destination: &str, up_to: u64) -> Result<(), StoreError>;

    /// Keeps counters of attempts, in the place of those that are there.
    async fn save_attempts(&self, counters: &[StoredAttempts]) -> Result<(), StoreError>;
    /// Up to `limit` counters that count still, the newest first.
    async fn load_attempts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredAttempts>, StoreError>;
    /// Forgets up to `limit` counters whose time has come; how many.
    async fn forget_attempts(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
