//! Reading and writing single columns: JSON text, names, times, bytes.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, Type};
use symbolon_core::Timestamp;

use super::failure::corrupt;
use crate::error::StoreError;

/// A value as JSON text.
pub(super) fn json(what: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(corrupt(what))
}

/// Reads columns of a row; one that makes no sense makes the record unusable.
pub(super) struct Columns<'r> {
    /// The row.
    pub(super) row: &'r SqliteRow,
    /// Which kind of record it is.
    pub(super) what: &'static str,
}

impl<'r> Columns<'r> {
    /// A column in one of the engine's own types.
    pub(super) fn get<T>(&self, column: &str) -> Result<T, StoreError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite>,
    {
        self.row.try_get(column).map_err(corrupt(self.what))
    }

    /// A point in time.
    pub(super) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.get(column).map(Timestamp::from_micros)
    }

    /// Bytes of fixed length.
    pub(super) fn bytes<const N: usize>(&self, column: &str) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.get(column)?;
        bytes.try_into().map_err(corrupt(self.what))
    }

    /// Text, or nothing, as it is there: what is no UTF-8 is replaced, so that one byte does not
    /// make a whole page unreadable where a hash tells that it is another.
    pub(super) fn lossy(&self, column: &str) -> Result<Option<String>, StoreError> {
        let bytes: Option<&[u8]> = self.get(column)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }

    /// JSON text.
    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.get(column)?).map_err(corrupt(self.what))
    }

    /// A name.
    pub(super) fn name<T>(&self, column: &str) -> Result<T, StoreError>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        self.get::<&str>(column)?.parse().map_err(corrupt(self.what))
    }

    /// A name, or nothing.
    pub(super) fn optional_name<T>(&self, column: &str) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let name: Option<&str> = self.get(column)?;
        name.map(str::parse).transpose().map_err(corrupt(self.what))
    }
}
