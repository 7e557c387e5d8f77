//! Clients and their credentials: those that the configuration file names and those that were
//! added while the system runs.
//!
//! 1. Whoever judges a request has two [`Directory`]s: the file's, swapped as one with the routes,
//!    and the store's, swapped whenever a verb here has made a change durable. So a change holds
//!    from the next request on.
//! 2. A name of the file is not to be had in the store, and what stands in the file is not changed
//!    here.

mod directory;

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use symbolon_core::client::CertificateMatch;
use symbolon_core::{Client, ClientId, TokenHash};

pub use directory::{Directory, NotLive, Registered};

/// The clients that were added while the system runs.
#[derive(Debug, Default)]
pub struct Clients {
    current: ArcSwap<Directory>,
}

/// The two directories at the moment of a request.
#[derive(Clone, Copy, Debug)]
pub struct Directories<'a> {
    /// Of the configuration.
    pub file: &'a Directory,
    /// Of the store; looked at only where the file has no answer.
    pub store: &'a Clients,
}

impl Clients {
    /// As they are now.
    pub fn current(&self) -> Guard<Arc<Directory>> {
        self.current.load()
    }
}

impl Directories<'_> {
    /// The client of that name.
    pub fn client(self, id: &ClientId) -> Option<Arc<Client>> {
        self.find(|directory| directory.client(id))
    }

    /// The API key with this hash.
    pub fn api_key(self, hash: &TokenHash) -> Option<Arc<Registered>> {
        self.find(|directory| directory.api_key(hash))
    }

    /// The user name, as it was registered.
    pub fn username(self, name: &str) -> Option<Arc<Registered>> {
        self.find(|directory| directory.username(name))
    }

    /// The key of signatures over requests.
    pub fn hmac_key(self, id: &str) -> Option<Arc<Registered>> {
        self.find(|directory| directory.hmac_key(id))
    }

    /// The key of tokens that clients sign.
    pub fn jwt_key(self, key: &str) -> Option<Arc<Registered>> {
        self.find(|directory| directory.jwt_key(key))
    }

    /// What a certificate is recognised by.
    pub fn certificate(self, certificate: &CertificateMatch) -> Option<Arc<Registered>> {
        self.find(|directory| directory.certificate(certificate))
    }

    fn find<T>(self, by: impl Fn(&Directory) -> Option<&Arc<T>>) -> Option<Arc<T>> {
        by(self.file).cloned().or_else(|| by(&self.store.current()).cloned())
    }
}
