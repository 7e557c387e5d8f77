//! What can go wrong in a store.

/// A store's answer when it has none.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine failed or cannot be reached; nothing was acknowledged.
    #[error("store is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file of the store cannot be opened, or is none of this program's.
    #[error("store file `{path}` cannot be opened")]
    Unopened {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was read does not make sense; it is not used.
    #[error("stored {what} cannot be read")]
    Corrupt {
        /// Which kind of record.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A name or identifier exists already.
    #[error("{what} `{name}` exists already")]
    Exists {
        /// Which kind of record.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The queue of the writer is full; try again later.
    #[error("store is overloaded")]
    Overloaded,
    /// Another process holds the store.
    #[error("store `{path}` is in use by another process")]
    InUse {
        /// Where it is.
        path: String,
    },
}
