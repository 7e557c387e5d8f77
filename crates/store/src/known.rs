//! Whoever proved who they are without a session of this system: a client with a key, somebody
//! whom an outside issuer or directory vouches for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use symbolon_core::internal_token::Grant;
use symbolon_core::{Client, ClientId, Credential, Role, SubjectId, Timestamp};

use crate::sessions::MintedTokens;

/// A principal and what is known of them, with the internal tokens that were made of it.
///
/// It is kept behind an [`Arc`] by whatever remembers the proof, so that its tokens are used
/// again; whoever changes a fact makes a new one.
#[derive(Default)]
pub struct Known {
    /// The end user, where there is one. It must be unique in this system: a name that somebody
    /// outside gave is told apart by a prefix.
    pub subject: Option<Arc<str>>,
    /// The application that acts, for itself or for the end user.
    pub client: Option<ClientId>,
    /// What another system calls the client.
    pub custom_id: Option<Arc<str>>,
    /// The credential that it rests on, by its public name.
    pub credential: Option<Arc<str>>,
    /// How that credential is: [`Proof::digest`](symbolon_core::Proof::digest). Another may have
    /// its name later.
    pub credential_digest: Option<[u8; 32]>,
    /// Whether a token was shown that was had for the credential, or signed with it, and not the
    /// credential itself.
    pub is_token: bool,
    /// What was shown, where that is no secret and another gateway would tell it: a user name, the
    /// id of a key.
    pub shown: Option<Arc<str>>,
    /// Who vouches, where that is somebody outside.
    pub issuer: Option<Arc<str>>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Groups.
    pub groups: Vec<String>,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Labels of the client.
    pub labels: BTreeMap<String, String>,
    /// Authentication context class (`acr`).
    pub acr: Option<Arc<str>>,
    /// Authentication methods (`amr`).
    pub amr: Vec<String>,
    /// When the end user authenticated.
    pub auth_time: Option<Timestamp>,
    /// From then on the proof is none; no internal token outlives it.
    pub expires_at: Option<Timestamp>,
    /// Further claims that headers may be made of.
    pub claims: BTreeMap<String, String>,
    /// Headers that the service gets: somebody outside said so.
    pub headers: Vec<(Arc<str>, Arc<[u8]>)>,
    /// What was minted.
    pub internal_tokens: MintedTokens,
}

impl Known {
    /// A client that showed one of its credentials.
    pub fn client(client: &Client, credential: &Credential) -> Self {
        Self {
            client: Some(client.id.clone()),
            custom_id: client.custom_id.clone(),
            credential: Some(credential.id.to_shared()),
            credential_digest: Some(credential.proof.digest()),
            shown: credential.proof.shown().cloned(),
            roles: client.roles.clone(),
            groups: client.groups.clone(),
            scopes: client.scopes.clone(),
            labels: client.labels.clone(),
            amr: vec![credential.proof.kind().name().to_owned()],
            expires_at: credential.expires_at,
            ..Self::default()
        }
    }

    /// The account of this system that proved itself, where it was one.
    pub fn account(&self) -> Option<SubjectId> {
        let is_ours = self.issuer.is_none() && self.client.is_none();
        self.subject.as_deref().filter(|_| is_ours).and_then(|subject| subject.parse().ok())
    }

    /// The client of this system that proved itself, where it was one.
    pub fn own_client(&self) -> Option<&ClientId> {
        self.client.as_ref().filter(|_| self.issuer.is_none())
    }

    /// Whether it says who it is. Somebody outside may only say that a request may pass.
    pub fn is_somebody(&self) -> bool {
        self.subject.is_some() || self.client.is_some()
    }

    /// The principal's name: the end user's, or else the client's.
    pub fn principal(&self) -> &str {
        let client = self.client.as_ref().map(ClientId::as_str);
        self.subject.as_deref().or(client).unwrap_or_default()
    }

    /// What an internal token says of them.
    pub fn grant(&self) -> Grant<'_> {
        Grant {
            subject: self.subject.as_deref(),
            client: self
                .client
                .as_ref()
                .map_or(symbolon_core::internal_token::OWN_CLIENT, ClientId::as_str),
            roles: &self.roles,
            groups: &self.groups,
            scopes: &self.scopes,
            acr: self.acr.as_deref(),
            amr: &self.amr,
            auth_time: self.auth_time,
            ends_at: self.expires_at,
            session: None,
        }
    }
}

/// Names only what is public.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({})", self.principal())
    }
}
