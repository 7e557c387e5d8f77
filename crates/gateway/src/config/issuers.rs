//! Outside issuers of tokens: who they are, and where their keys are.

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::jwt::{Algorithm, Expected, KeySet};

pub use crate::issuers::{Address, AddressError};
use crate::tls::{ReadFile, TargetTls};

/// Somebody outside whose tokens are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Its name in the configuration, and what the names of its users begin with.
    pub name: Arc<str>,
    /// `iss`, to the letter.
    pub issuer: Arc<str>,
    /// What its tokens have to say.
    pub expected: Expected,
    /// The algorithms of its keys.
    pub algorithms: Vec<Algorithm>,
    /// Where the keys are.
    pub keys: KeySource,
}

/// Where an issuer's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// They were read with the configuration.
    File(Arc<KeySet>),
    /// They are fetched.
    Remote(Box<RemoteKeys>),
}

/// Keys that are fetched, and for how long they count.
#[derive(Clone, Debug)]
pub struct RemoteKeys {
    /// Where to look.
    pub location: KeyLocation,
    /// How servers are verified; `None` where nothing but `http` on this machine is spoken.
    pub tls: Option<TargetTls>,
    /// How long one attempt may take, metadata and keys together.
    pub timeout: Duration,
    /// The age at which keys are fetched anew, unless the server asks for less.
    pub refresh_after: Duration,
    /// How much longer they count where they cannot be fetched anew.
    pub stale_if_error: Duration,
    /// The shortest time between two attempts.
    pub min_interval: Duration,
}

/// Where to look for keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyLocation {
    /// The address of the key set.
    At(Address),
    /// The issuer's metadata say (`OpenID` Connect Discovery 4, RFC 8414 3): these addresses, of
    /// which the first that there is counts.
    Metadata(Vec<Address>),
}

impl KeyLocation {
    /// Whether TLS is spoken.
    pub fn is_secure(&self) -> bool {
        match self {
            Self::At(address) => address.is_secure(),
            Self::Metadata(addresses) => addresses.iter().all(Address::is_secure),
        }
    }

    /// The two addresses of an issuer's metadata.
    ///
    /// # Errors
    /// [`AddressError`] where the issuer is none.
    pub fn of_issuer(issuer: &str) -> Result<Self, AddressError> {
        Address::of_metadata(issuer).map(Self::Metadata)
    }
}

impl RemoteKeys {
    /// The files that servers are verified by.
    pub fn files(&self) -> &[ReadFile] {
        self.tls.as_ref().map_or(&[], TargetTls::files)
    }
}

/// What is loaded twice from the same files is the same.
impl PartialEq for RemoteKeys {
    fn eq(&self, other: &Self) -> bool {
        let files = |keys: &Self| -> Vec<_> {
            keys.files().iter().map(|file| (file.path().to_owned(), file.state())).collect()
        };
        let spans = |keys: &Self| {
            [keys.timeout, keys.refresh_after, keys.stale_if_error, keys.min_interval]
        };
        self.location == other.location
            && files(self) == files(other)
            && spans(self) == spans(other)
    }
}

impl Eq for RemoteKeys {}
