//! The keys a service accepts: a JWK set (RFC 7517 5) read, bounded and made ready to verify.
//!
//! 1. A set is at most 64 KiB and 64 keys.
//! 2. Keys of other kinds are skipped (`jwk/read.rs`); two usable keys of one `kid` are refused,
//!    because then a token no longer says which key it means.
//! 3. An empty set is a valid answer: the issuer has pulled every key.

#[cfg(test)]
mod tests;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::jwk::{self, Jwk, PublicKey};
use crate::strict_json;

/// The largest JWK set read, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;
/// The most keys a set may have, of any kind.
pub const MAX_KEYS: usize = 64;

/// A JWK set as it is published: `{"keys": […]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The public keys, the newest first by convention of the issuer.
    pub keys: Vec<Jwk>,
}

/// The keys to verify with, chosen by `kid`.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

/// One key, parsed once and bound to its one algorithm.
#[derive(Clone, Debug)]
pub(crate) struct VerifyingKey {
    kid: String,
    algorithm: Algorithm,
    key: ParsedPublicKey,
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

impl JwkSet {
    /// Reads a published set. Keys that cannot verify internal tokens are left out.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
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
        Ok(Self { keys: published.keys.into_iter().filter_map(jwk::read).collect() })
    }
}

impl KeySet {
    /// Reads a published set, as [`JwkSet::parse`] followed by [`KeySet::new`].
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        Self::new(&JwkSet::parse(json)?)
    }

    /// Makes the keys ready. One that is not a key after all, such as a point off the curve, is
    /// left out.
    pub fn new(set: &JwkSet) -> Result<Self, KeySetError> {
        let mut ready = Self::default();
        for jwk in &set.keys {
            let Some(key) = VerifyingKey::new(jwk) else {
                continue;
            };
            if ready.contains(jwk.kid()) {
                return Err(KeySetError::DuplicateKeyId { kid: jwk.kid().to_owned() });
            }
            ready.keys.push(key);
        }
        Ok(ready)
    }

    /// Whether there is a key with this id.
    pub fn contains(&self, kid: &str) -> bool {
        self.find(kid).is_some()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no token can be verified at all.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.kid == kid)
    }
}

impl VerifyingKey {
    fn new(jwk: &Jwk) -> Option<Self> {
        let key = match jwk.public_key() {
            PublicKey::EcP256 { x, y } => {
                // SEC 1 2.3.3: 0x04 announces an uncompressed point.
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4], x.as_slice(), y].concat())
            }
            PublicKey::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x),
            PublicKey::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            }
        };
        Some(Self { kid: jwk.kid().to_owned(), algorithm: jwk.algorithm(), key: key.ok()? })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    #[must_use]
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}
