//! One credential of a client.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::digest;
use serde::{Deserialize, Deserializer, Serialize};

use super::CertificateMatch;
use crate::http_signature::{Algorithm, Key, KeyError};
use crate::id::{IdError, Role};
use crate::password::PasswordHash;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::TokenHash;

/// A credential's name among those of its client; public.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialId(#[serde(deserialize_with = "read_id")] Arc<str>);

/// What proves who a client is, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its name.
    pub id: CredentialId,
    /// From then on it proves nothing.
    pub expires_at: Option<Timestamp>,
    /// What has to be shown.
    pub proof: Proof,
}

/// What has to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A key.
    ApiKey {
        /// Its hash.
        hash: TokenHash,
    },
    /// A user name and a password (RFC 7617).
    Basic {
        /// The name, unique among all clients.
        username: Arc<str>,
        /// The password.
        password: StoredPassword,
    },
    /// A signature over the request.
    Hmac {
        /// How requests name the key; unique among all clients.
        key_id: Arc<str>,
        /// The key that both sides know, or the public key as PEM.
        secret: Secret,
        /// What it is for: some HMACs for a shared key, or the one of a public key.
        algorithms: Arc<[Algorithm]>,
    },
    /// A token that the client signs itself.
    Jwt {
        /// How tokens name the key; unique among all clients.
        key: Arc<str>,
        /// The one algorithm that the key is for, as JWA names it (RFC 7518 section 3.1).
        algorithm: Arc<str>,
        /// The shared key, or the public key as PEM.
        material: Secret,
    },
    /// A certificate that was verified in the handshake; what it must say.
    Mtls {
        /// How it is recognised.
        certificate: CertificateMatch,
    },
}

/// A password as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredPassword {
    /// As a hash that is slow to guess from.
    Hash(PasswordHash),
    /// In clear, because the file that it was read from has it in clear as well.
    Plain(Secret),
}

/// The kinds of proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofKind {
    /// `api_key`
    ApiKey,
    /// `basic`
    Basic,
    /// `hmac`
    Hmac,
    /// `jwt`
    Jwt,
    /// `mtls`
    Mtls,
}

impl Credential {
    /// Whether it may be used at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

impl Proof {
    /// Tells this proof from any other, also from what stood under the same name before. Not to be
    /// shown: a weak secret could be guessed from it.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut add = |part: &[u8]| {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        add(self.kind().name().as_bytes());
        match self {
            Self::ApiKey { hash } => add(hash.as_bytes()),
            Self::Basic { username, password } => {
                add(username.as_bytes());
                match password {
                    StoredPassword::Hash(hash) => add(hash.as_str().as_bytes()),
                    StoredPassword::Plain(secret) => add(secret.reveal()),
                }
            }
            Self::Hmac { key_id, secret, algorithms } => {
                add(key_id.as_bytes());
                add(secret.reveal());
                add(format!("{algorithms:?}").as_bytes());
            }
            Self::Jwt { key, algorithm, material } => {
                add(key.as_bytes());
                add(algorithm.as_bytes());
                add(material.reveal());
            }
            Self::Mtls { certificate } => match certificate {
                CertificateMatch::San(name) => add(format!("san {name}").as_bytes()),
                CertificateMatch::Subject(name) => add(format!("subject {name}").as_bytes()),
                CertificateMatch::Fingerprint(digest) => add(digest),
            },
        }
        let mut out = [0; 32];
        out.copy_from_slice(hash.finish().as_ref());
        out
    }

    /// What a request names it by, where that is no secret.
    pub const fn shown(&self) -> Option<&Arc<str>> {
        match self {
            Self::Basic { username: name, .. }
            | Self::Hmac { key_id: name, .. }
            | Self::Jwt { key: name, .. } => Some(name),
            Self::ApiKey { .. } | Self::Mtls { .. } => None,
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> ProofKind {
        match self {
            Self::ApiKey { .. } => ProofKind::ApiKey,
            Self::Basic { .. } => ProofKind::Basic,
            Self::Hmac { .. } => ProofKind::Hmac,
            Self::Jwt { .. } => ProofKind::Jwt,
            Self::Mtls { .. } => ProofKind::Mtls,
        }
    }
}

impl Proof {
    /// The key that signatures over requests are checked with; `None` for other proofs.
    pub fn signature_key(&self) -> Option<Result<Key, KeyError>> {
        match self {
            Self::Hmac { secret, algorithms, .. } => Some(Key::of(secret, algorithms)),
            _ => None,
        }
    }
}

impl ProofKind {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::ApiKey, Self::Basic, Self::Hmac, Self::Jwt, Self::Mtls];

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name in configuration, logs and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Basic => "basic",
            Self::Hmac => "hmac",
            Self::Jwt => "jwt",
            Self::Mtls => "mtls",
        }
    }
}

impl CredentialId {
    /// The name that a credential has where nobody gave it one: `api-key-1`.
    pub fn numbered(kind: ProofKind, number: usize) -> Self {
        Self(format!("{}-{number}", kind.name().replace('_', "-")).into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, shared.
    pub fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

fn read_id<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
    let name = Role::deserialize(from)?;
    Ok(name.as_str().into())
}

impl FromStr for CredentialId {
    type Err = IdError;

    /// The same alphabet as names of clients.
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse::<Role>().map(|name| Self(name.as_str().into()))
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
