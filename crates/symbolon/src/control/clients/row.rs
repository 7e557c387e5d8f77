//! A client as operators see it: nothing of it is secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use symbolon_core::client::{Client, Proof};
use symbolon_core::{Role, Timestamp};
use symbolon_store::Registered;

/// It stands in the configuration.
pub(super) const FILE: &str = "file";
/// It was added while the system ran.
pub(super) const STORE: &str = "store";

/// One client.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientRow {
    pub(crate) name: String,
    /// `file` or `store`.
    pub(crate) source: String,
    pub(crate) enabled: bool,
    /// Whether the configuration names one too, so that this one does not count.
    pub(crate) shadowed: bool,
    pub(crate) custom_id: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) credentials: Vec<CredentialRow>,
}

/// One of its credentials.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CredentialRow {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// What requests name it by, where that is no secret: a user name, the id of a key, what a
    /// certificate says.
    pub(crate) shown: Option<String>,
    /// RFC 3339, as the following.
    pub(crate) expires_at: Option<String>,
    pub(crate) expired: bool,
    /// When it was last shown and good; of one in the file, since the server was started.
    pub(crate) last_used: Option<String>,
}

impl ClientRow {
    pub(super) fn new(
        client: &Client,
        credentials: &[Arc<Registered>],
        (source, shadowed): (&str, bool),
        now: Timestamp,
    ) -> Self {
        Self {
            name: client.id.to_string(),
            source: source.to_owned(),
            enabled: client.enabled,
            shadowed,
            custom_id: client.custom_id.as_deref().map(str::to_owned),
            groups: client.groups.clone(),
            roles: client.roles.iter().map(Role::to_string).collect(),
            scopes: client.scopes.clone(),
            labels: client.labels.clone(),
            credentials: credentials.iter().map(|one| CredentialRow::new(one, now)).collect(),
        }
    }

    /// In one word.
    pub(crate) fn state(&self) -> &'static str {
        match (self.shadowed, self.enabled) {
            (true, _) => "shadowed",
            (false, true) => "enabled",
            (false, false) => "disabled",
        }
    }
}

impl CredentialRow {
    fn new(registered: &Registered, now: Timestamp) -> Self {
        let credential = registered.credential();
        let shown = match &credential.proof {
            Proof::ApiKey { .. } => None,
            Proof::Basic { username, .. } => Some(username.to_string()),
            Proof::Hmac { key_id, .. } => Some(key_id.to_string()),
            Proof::Jwt { key, algorithm, .. } => Some(format!("{key} ({algorithm})")),
            Proof::Mtls { certificate } => Some(certificate.to_string()),
        };
        Self {
            id: credential.id.to_string(),
            kind: credential.proof.kind().name().to_owned(),
            shown,
            expires_at: credential.expires_at.map(|at| at.to_string()),
            expired: !credential.is_live(now),
            last_used: registered.last_used().map(|at| at.to_string()),
        }
    }
}
