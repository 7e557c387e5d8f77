//! A client: a machine or application that acts for itself (Kong and APISIX say "consumer"), and
//! what proves who it is.
//!
//! 1. A client has any number of credentials of each kind, so that one can be replaced while the
//!    other is still good.
//! 2. What can be kept as a hash is kept as a hash. Only keys of signatures that both sides
//!    compute (HMAC) have to be known in clear, and are a [`Secret`](crate::secret::Secret).

mod certificate;
mod credential;
pub mod subject;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::id::{ClientId, Role};

pub use certificate::{CertificateMatch, NameKind};
pub use credential::{Credential, CredentialId, Proof, ProofKind, StoredPassword};

/// A client as it was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name: the `client_id` and `sub` claims.
    pub id: ClientId,
    /// What another system calls it (Kong's `custom_id`).
    pub custom_id: Option<Arc<str>>,
    /// Groups.
    pub groups: Vec<String>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Whatever else is known of it; policies can ask for it.
    pub labels: BTreeMap<String, String>,
    /// A disabled client proves nothing.
    pub enabled: bool,
    /// What proves who it is.
    pub credentials: Vec<Credential>,
}

impl Client {
    /// An enabled client without anything.
    pub fn new(id: ClientId) -> Self {
        Self {
            id,
            custom_id: None,
            groups: Vec::new(),
            roles: Vec::new(),
            scopes: Vec::new(),
            labels: BTreeMap::new(),
            enabled: true,
            credentials: Vec::new(),
        }
    }
}
