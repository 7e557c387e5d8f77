//! The commands about clients.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use symbolon_core::client::{Client, CredentialId};
use symbolon_core::{ClientId, Role, Timestamp};

use crate::control::Password;

/// One thing to do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientCommand {
    Add {
        id: ClientId,
        facts: Facts,
    },
    List,
    Show {
        id: ClientId,
    },
    Change {
        id: ClientId,
        change: Change,
    },
    Remove {
        id: ClientId,
    },
    CredentialAdd {
        client: ClientId,
        id: Option<CredentialId>,
        expiry: Option<Expiry>,
        proof: NewProof,
    },
    CredentialRemove {
        client: ClientId,
        id: CredentialId,
    },
    CredentialRotate {
        client: ClientId,
        id: CredentialId,
        overlap: Duration,
        expiry: Option<Expiry>,
    },
}

/// What is known of a client besides its name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) custom_id: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<Role>,
    pub(crate) scopes: Vec<String>,
    pub(crate) labels: BTreeMap<String, String>,
}

/// Another value of one of them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    CustomId(Option<String>),
    Groups(Vec<String>),
    Roles(Vec<Role>),
    Scopes(Vec<String>),
    Labels(BTreeMap<String, String>),
    Enabled(bool),
}

/// When a credential ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expiry {
    At(Timestamp),
    In(Duration),
}

/// What a new credential is made of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewProof {
    /// A new key, or one of another system.
    ApiKey {
        foreign: Option<Password>,
    },
    Basic {
        username: String,
        password: Password,
    },
    /// A new secret, or one that the other side has.
    Hmac {
        key_id: String,
        secret: Option<Password>,
    },
    /// A public key as PEM, or a shared secret.
    Jwt {
        key: String,
        algorithm: String,
        material: Password,
    },
    Mtls(Certificate),
}

/// By what a certificate is recognised.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Certificate {
    San(String),
    Subject(String),
    Fingerprint(String),
}

impl Facts {
    /// A client of that name.
    pub(super) fn client(self, id: ClientId) -> Client {
        let Self { custom_id, groups, roles, scopes, labels } = self;
        let custom_id = custom_id.map(Into::into);
        Client { custom_id, groups, roles, scopes, labels, ..Client::new(id) }
    }
}

impl Change {
    pub(super) fn make(self, client: &mut Client) {
        match self {
            Self::CustomId(id) => client.custom_id = id.map(Into::into),
            Self::Groups(groups) => client.groups = groups,
            Self::Roles(roles) => client.roles = roles,
            Self::Scopes(scopes) => client.scopes = scopes,
            Self::Labels(labels) => client.labels = labels,
            Self::Enabled(enabled) => client.enabled = enabled,
        }
    }

    /// What the client then is, as it is told.
    pub(super) fn says(&self) -> String {
        let roles = |roles: &[Role]| {
            let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
            names.join(", ")
        };
        match self {
            Self::CustomId(Some(id)) => format!("has now the custom id `{id}`"),
            Self::CustomId(None) => "has no custom id now".to_owned(),
            Self::Groups(groups) => format!("has now the groups [{}]", groups.join(", ")),
            Self::Roles(all) => format!("has now the roles [{}]", roles(all)),
            Self::Scopes(scopes) => format!("has now the scopes [{}]", scopes.join(", ")),
            Self::Labels(labels) => {
                let labels: Vec<String> =
                    labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("has now the labels [{}]", labels.join(", "))
            }
            Self::Enabled(true) => "enabled".to_owned(),
            Self::Enabled(false) => "disabled, its credentials prove nothing".to_owned(),
        }
    }
}
