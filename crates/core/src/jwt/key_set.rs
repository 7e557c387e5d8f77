//! The keys of an outside issuer: a JWK set (RFC 7517 5) read, bounded and made ready to verify.
//!
//! 1. A set is at most 256 KiB and 100 keys.
//! 2. A key that cannot be used is left out: of another kind, for another purpose, for an
//!    algorithm that is not accepted of this issuer, private, or an RSA key that does not say its
//!    algorithm where several are accepted.
//! 3. Two usable keys of one id and one algorithm are refused, because then a token no longer says
//!    which key it means.
//! 4. An empty set is a valid answer: the issuer has pulled every key.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use symbolon_verifier::strict_json;

use super::algorithm::Algorithm;
use super::error::JwtError;
use super::jwk::Members;
use super::key::VerifyingKey;
use super::unverified::Unverified;

/// The largest JWK set read, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 256 * 1024;
/// The most keys a set may have, of any kind.
pub const MAX_KEYS: usize = 100;

/// Keys to verify an issuer's tokens with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<NamedKey>,
    left_out: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct NamedKey {
    kid: Option<String>,
    key: Arc<VerifyingKey>,
}

/// Why a JWK set is not used.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// Larger than [`MAX_KEY_SET_BYTES`].
    #[error("the key set is larger than {MAX_KEY_SET_BYTES} bytes")]
    TooLarge,
    /// More than [`MAX_KEYS`] keys.
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooManyKeys,
    /// Not JSON, not an object with `keys`, or with a member name twice.
    #[error("the key set is not a JWK set")]
    Malformed(#[source] serde_json::Error),
    /// Two usable keys have the same id.
    #[error("the key set has two keys named `{kid}`")]
    DuplicateKeyId {
        /// The id that appears twice.
        kid: String,
    },
}

impl KeySet {
    /// Reads a set; each key is for one of the algorithms `accepted`.
    pub fn parse(json: &[u8], accepted: &[Algorithm]) -> Result<Self, KeySetError> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<Value>,
        }

        if json.len() > MAX_KEY_SET_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let published: Published = strict_json::object(json).map_err(KeySetError::Malformed)?;
        if published.keys.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        let mut set = Self::default();
        for value in &published.keys {
            let Some(named) = NamedKey::read(value, accepted) else {
                set.left_out += 1;
                continue;
            };
            if let Some(kid) = named.kid.as_ref().filter(|_| set.has_another(&named)) {
                return Err(KeySetError::DuplicateKeyId { kid: kid.clone() });
            }
            set.keys.push(named);
        }
        Ok(set)
    }

    /// The key that a token names and whose algorithm it has. A token that names none has to leave
    /// no choice: one key of its algorithm.
    pub fn find(&self, token: &Unverified<'_>) -> Result<&Arc<VerifyingKey>, JwtError> {
        let is_fitting = |named: &&NamedKey| token.is_for(named.key.algorithm());
        let Some(kid) = token.kid() else {
            let mut fitting = self.keys.iter().filter(is_fitting);
            return match (fitting.next(), fitting.next()) {
                (Some(only), None) => Ok(&only.key),
                _ => Err(JwtError::UnknownKey),
            };
        };
        let mut named = self.keys.iter().filter(|named| named.kid.as_deref() == Some(kid));
        let mut error = JwtError::UnknownKey;
        let found = named.find(|named| {
            error = JwtError::Algorithm;
            is_fitting(named)
        });
        found.map(|named| &named.key).ok_or(error)
    }

    /// Whether a key that verified something is still one of these.
    pub fn contains(&self, key: &VerifyingKey) -> bool {
        self.keys.iter().any(|named| *named.key == *key)
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no token can be verified at all.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys were left out.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    fn has_another(&self, one: &NamedKey) -> bool {
        self.keys
            .iter()
            .any(|other| other.kid == one.kid && other.key.algorithm() == one.key.algorithm())
    }
}

impl NamedKey {
    fn read(value: &Value, accepted: &[Algorithm]) -> Option<Self> {
        let members = Members::read(value)?;
        let key = members.key(members.algorithm(accepted)?).ok()?;
        Some(Self { kid: members.kid, key: Arc::new(key) })
    }
}
