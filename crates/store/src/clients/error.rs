//! Why a client or a credential is not changed.

use symbolon_core::ClientId;
use symbolon_core::client::CredentialId;
use symbolon_core::seal::SealError;

use crate::error::StoreError;

/// What is told to whoever wants the change.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// There is none of that name.
    #[error("there is no client `{0}`")]
    NoClient(ClientId),
    /// The client has none of that name.
    #[error("there is no credential `{1}` of client `{0}`")]
    NoCredential(ClientId, CredentialId),
    /// It is not the store's.
    #[error("client `{0}` stands in the configuration file, and is changed there")]
    InFile(ClientId),
    /// The name is taken.
    #[error("client `{0}` exists already")]
    ClientExists(ClientId),
    /// The name is taken.
    #[error("credential `{1}` of client `{0}` exists already")]
    CredentialExists(ClientId, CredentialId),
    /// A request that shows one would show the other.
    #[error("client `{0}` has this credential already")]
    Taken(ClientId),
    /// A bound.
    #[error("there are {1} {0} already, which is the most")]
    TooMany(&'static str, usize),
    /// A key cannot be sealed.
    #[error("the credential cannot be sealed")]
    Seal(#[from] SealError),
    /// Whoever carried it out has ended.
    #[error("the change was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
