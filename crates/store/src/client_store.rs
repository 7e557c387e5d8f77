//! Where clients are kept that are registered while the system runs.
//!
//! A verb that changes something takes the record of it along, for the audit log in the same
//! transaction; where nothing was changed, nothing is recorded.

use async_trait::async_trait;
use symbolon_core::audit::Record;
use symbolon_core::client::{CredentialId, ProofKind};
use symbolon_core::{Client, ClientId, Timestamp};

use crate::error::StoreError;

/// A client at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredClient {
    /// Who it is; its list of credentials is empty.
    pub client: Client,
    /// What proves it.
    pub credentials: Vec<StoredCredential>,
}

/// A credential at rest.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCredential {
    /// Its name among those of its client.
    pub id: CredentialId,
    /// What kind of proof it is.
    pub kind: ProofKind,
    /// What a request shows of it; unique for each kind.
    pub shown: Vec<u8>,
    /// The one algorithm it is for.
    pub algorithm: Option<String>,
    /// The hash of a password, or a sealed key.
    pub secret: Option<Vec<u8>>,
    /// From then on it proves nothing.
    pub expires_at: Option<Timestamp>,
    /// When it was last shown and good.
    pub last_used: Option<Timestamp>,
}

/// Which changes are in what was read: another one after each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientsMark(pub(crate) i64);

/// A credential was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialTouch {
    /// Whose it is.
    pub client: ClientId,
    /// Its name.
    pub id: CredentialId,
    /// When.
    pub at: Timestamp,
}

/// Durable, each verb one transaction. A verb about something that is not there changes nothing and
/// answers `None`; any other answers the mark that its change has made.
#[async_trait]
pub trait ClientStore: Send + Sync {
    /// All of them, in the order of their names, and what that includes.
    async fn clients(&self) -> Result<(Vec<StoredClient>, ClientsMark), StoreError>;
    /// Which changes there were.
    async fn clients_mark(&self) -> Result<ClientsMark, StoreError>;
    /// Adds a client without credentials; [`StoreError::Exists`] when the name is taken.
    async fn add_client(&self, client: &Client, record: &Record)
    -> Result<ClientsMark, StoreError>;
    /// Replaces what is known of a client.
    async fn change_client(
        &self,
        client: &Client,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError>;
    /// Removes a client with its credentials.
    async fn remove_client(
        &self,
        id: &ClientId,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError>;
    /// Adds a credential to a client; [`StoreError::Exists`] when its name or what it shows is
    /// taken. Where it comes in the place of another one, that one ends as said.
    async fn add_credential(
        &self,
        client: &ClientId,
        credential: &StoredCredential,
        replaces: Option<(&CredentialId, Timestamp)>,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError>;
    /// Removes a credential.
    async fn remove_credential(
        &self,
        client: &ClientId,
        id: &CredentialId,
        record: &Record,
    ) -> Result<Option<ClientsMark>, StoreError>;
    /// Records uses, never moving a `last_used` backwards. No change to a client.
    async fn touch_credentials(&self, touches: &[CredentialTouch]) -> Result<(), StoreError>;
}

/// Neither a hash nor what is sealed belongs into logs.
impl std::fmt::Debug for StoredCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredCredential({})", self.id)
    }
}
