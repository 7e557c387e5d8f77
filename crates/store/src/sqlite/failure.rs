//! The engine's errors in the words of the store.

use crate::error::StoreError;

/// The engine failed.
pub(super) fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// An insert failed: as the name is taken, or otherwise.
pub(super) fn exists_or_unavailable(
    what: &'static str,
    name: String,
    error: sqlx::Error,
) -> StoreError {
    let taken =
        error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if taken { StoreError::Exists { what, name } } else { unavailable(error) }
}

/// A stored record makes no sense.
pub(super) fn corrupt<E>(what: &'static str) -> impl Fn(E) -> StoreError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| StoreError::Corrupt { what, source: Box::new(error) }
}
