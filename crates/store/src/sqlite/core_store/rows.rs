//! Rows of the core file as what they are.

use sqlx::sqlite::SqliteRow;
use symbolon_core::{KeyId, SessionId, Timestamp};

use super::{ACCOUNT, REVOCATION, SIGNING_KEY};
use crate::core_store::{Account, Revocation, Revoked, StoredKey};
use crate::error::StoreError;
use crate::sqlite::columns::Columns;

pub(super) fn account(row: &SqliteRow) -> Result<Account, StoreError> {
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

pub(super) fn revocation(row: &SqliteRow) -> Result<Revocation, StoreError> {
    let what = REVOCATION;
    let read = Columns { row, what };
    let what = match read.optional_name("subject")? {
        Some(subject) => Revoked::Subject(subject),
        None => Revoked::Session(SessionId::from_bytes(read.bytes("session")?)),
    };
    Ok(Revocation { what, at: read.time("at")?, forget_at: read.time("forget_at")? })
}

pub(super) fn key(row: &SqliteRow) -> Result<StoredKey, StoreError> {
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
