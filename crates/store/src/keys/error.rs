//! Why there are no keys to sign with.

use symbolon_core::KeyId;
use symbolon_core::internal_token::{LifetimeError, SigningKeyError};

use crate::error::StoreError;

/// Opening or changing the signing keys failed; the keys in use stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The store that the keys rest in failed.
    #[error("signing keys cannot be read or written")]
    Store(#[from] StoreError),
    /// A stored key does not open: most likely another master key sealed it.
    #[error("signing key `{kid}` cannot be unsealed")]
    Unseal {
        /// Which key.
        kid: KeyId,
        /// Why.
        #[source]
        source: SigningKeyError,
    },
    /// A stored key is of a kind that this version does not sign with.
    #[error("signing key `{kid}` has the unknown algorithm `{algorithm}`")]
    Algorithm {
        /// Which key.
        kid: KeyId,
        /// Its algorithm, as stored.
        algorithm: String,
    },
    /// A new key could not be made or sealed.
    #[error("a signing key cannot be made")]
    Generate(#[source] SigningKeyError),
    /// The configured lifetime of tokens is not one that services accept.
    #[error("internal tokens cannot be minted as configured")]
    Lifetime(#[from] LifetimeError),
}

impl KeysError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unseal { .. } => Some(
                "start with the master key that this store was first used with; without it the \
                 stored keys are lost, and removing them makes every internal token invalid",
            ),
            Self::Algorithm { .. } => Some("the store was last used by a newer version"),
            Self::Store(_) | Self::Generate(_) | Self::Lifetime(_) => None,
        }
    }
}
