//! A key that signs internal tokens: ES256 (RFC 7518 section 3.4), parsed once.
//!
//! 1. Its id is the thumbprint of its public half (RFC 7638), so that it cannot name another key.
//! 2. Its private half leaves this type only sealed, for the place `signing-key:{kid}`.
//! 3. The tokens' header is the same for all tokens of a key and is encoded once.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, Signature,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_verifier::{ALG_ES256, Jwk, TYP};
use zeroize::Zeroizing;

use crate::id::KeyId;
use crate::random::Random;
use crate::seal::{MasterKey, SealError};

/// A private key with its public half and everything that can be computed ahead.
pub struct SigningKey {
    id: KeyId,
    pair: EcdsaKeyPair,
    public: Jwk,
    /// base64url of the tokens' header, with the dot that follows it.
    header: String,
    revision: u64,
}

/// Why there is no signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// The cryptographic library refused to make or encode a key.
    #[error("key cannot be made")]
    Unspecified,
    /// What was unsealed is not a P-256 key in PKCS#8.
    #[error("not a p-256 private key")]
    Malformed,
    /// What was unsealed is a key with another id.
    #[error("key does not have the thumbprint it is stored under")]
    Misplaced,
    /// The sealed text was not made with this master key.
    #[error(transparent)]
    Sealed(#[from] SealError),
}

impl SigningKey {
    /// The algorithm, as it stands in headers and JWKs.
    pub const ALGORITHM: &str = ALG_ES256;

    /// Draws a new key. Chance comes from aws-lc itself, whose key generation takes no other.
    ///
    /// One in 64 would have an id that a command line takes for an option; another is drawn then.
    pub fn generate() -> Result<Self, SigningKeyError> {
        loop {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .map_err(|_| SigningKeyError::Unspecified)?;
            let key = Self::new(pair)?;
            if !key.id.as_str().starts_with('-') {
                return Ok(key);
            }
        }
    }

    /// Seals the private key for storage under its own id.
    pub fn seal(
        &self,
        master: &MasterKey,
        random: &dyn Random,
    ) -> Result<Vec<u8>, SigningKeyError> {
        let pkcs8 = self.pair.to_pkcs8v1().map_err(|_| SigningKeyError::Unspecified)?;
        Ok(master.seal(&place(&self.id), pkcs8.as_ref(), random)?)
    }

    /// Opens what [`Self::seal`] made for the key of that id.
    pub fn unseal(id: &KeyId, sealed: &[u8], master: &MasterKey) -> Result<Self, SigningKeyError> {
        let pkcs8: Zeroizing<Vec<u8>> = master.open(&place(id), sealed)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8)
            .map_err(|_| SigningKeyError::Malformed)?;
        let key = Self::new(pair)?;
        if key.id != *id {
            return Err(SigningKeyError::Misplaced);
        }
        Ok(key)
    }

    /// The key's id (`kid`): base64url of its RFC 7638 thumbprint. Public.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The public half, as it is published.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// Signs the bytes before a token's last dot (RFC 7515 section 5.1).
    pub(super) fn sign(&self, message: &[u8]) -> Option<Signature> {
        self.pair.sign(&SystemRandom::new(), message).ok()
    }

    fn new(pair: EcdsaKeyPair) -> Result<Self, SigningKeyError> {
        let (x, y) = coordinates(pair.public_key().as_ref()).ok_or(SigningKeyError::Malformed)?;
        let thumbprint = thumbprint(&x, &y);
        let kid = URL_SAFE_NO_PAD.encode(thumbprint);
        let header = format!(r#"{{"alg":"{ALG_ES256}","typ":"{TYP}","kid":"{kid}"}}"#);
        Ok(Self {
            id: KeyId::new(&kid),
            pair,
            public: Jwk::ec_p256(kid, x, y),
            header: URL_SAFE_NO_PAD.encode(header) + ".",
            revision: thumbprint.as_ref().first_chunk().map_or(0, |head| u64::from_be_bytes(*head)),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, ..)", self.id)
    }
}

/// What a sealed key is bound to.
fn place(id: &KeyId) -> String {
    format!("signing-key:{id}")
}

/// SEC 1 section 2.3.3: an uncompressed point is 0x04, x, y.
fn coordinates(point: &[u8]) -> Option<([u8; 32], [u8; 32])> {
    let (x, y) = point.strip_prefix(&[4])?.split_first_chunk::<32>()?;
    Some((*x, y.try_into().ok()?))
}

/// RFC 7638 section 3: SHA-256 of the required members in lexicographic order, without spaces.
pub(super) fn thumbprint(x: &[u8; 32], y: &[u8; 32]) -> digest::Digest {
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    digest::digest(&digest::SHA256, members.as_bytes())
}
