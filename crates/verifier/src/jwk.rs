//! A public key as a JSON Web Key (RFC 7517, RFC 7518 6, RFC 8037 2).
//!
//! The issuer publishes its keys with this type and services read them with it. There is no place
//! in it for a private member, so none can be published by mistake.

mod read;

use serde::ser::{Serialize, SerializeMap, Serializer};

pub(crate) use read::read;

use crate::algorithm::Algorithm;
use crate::base64url;

/// A public signature key with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    kid: String,
    key: PublicKey,
}

/// The key itself, big-endian numbers without a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// The two coordinates of a point on P-256.
    EcP256 { x: [u8; 32], y: [u8; 32] },
    /// An Ed25519 public key.
    Ed25519 { x: [u8; 32] },
    /// Modulus and exponent without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Jwk {
    /// An ES256 key: the coordinates of a point on P-256, big-endian.
    pub fn ec_p256(kid: impl Into<String>, x: [u8; 32], y: [u8; 32]) -> Self {
        Self { kid: kid.into(), key: PublicKey::EcP256 { x, y } }
    }

    /// An `EdDSA` key: the 32 bytes of an Ed25519 public key (RFC 8032 5.1.5).
    pub fn ed25519(kid: impl Into<String>, x: [u8; 32]) -> Self {
        Self { kid: kid.into(), key: PublicKey::Ed25519 { x } }
    }

    /// An RS256 key: modulus and exponent, big-endian without leading zeros.
    pub fn rsa(kid: impl Into<String>, n: Vec<u8>, e: Vec<u8>) -> Self {
        Self { kid: kid.into(), key: PublicKey::Rsa { n, e } }
    }

    /// The key's id, which a token's header names.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key is for.
    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            PublicKey::EcP256 { .. } => Algorithm::Es256,
            PublicKey::Ed25519 { .. } => Algorithm::EdDsa,
            PublicKey::Rsa { .. } => Algorithm::Rs256,
        }
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.key
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        match &self.key {
            PublicKey::EcP256 { x, y } => {
                members.serialize_entry("kty", "EC")?;
                members.serialize_entry("crv", "P-256")?;
                members.serialize_entry("x", &base64url::encode(x))?;
                members.serialize_entry("y", &base64url::encode(y))?;
            }
            PublicKey::Ed25519 { x } => {
                members.serialize_entry("kty", "OKP")?;
                members.serialize_entry("crv", "Ed25519")?;
                members.serialize_entry("x", &base64url::encode(x))?;
            }
            PublicKey::Rsa { n, e } => {
                members.serialize_entry("kty", "RSA")?;
                members.serialize_entry("n", &base64url::encode(n))?;
                members.serialize_entry("e", &base64url::encode(e))?;
            }
        }
        members.serialize_entry("kid", &self.kid)?;
        members.serialize_entry("alg", self.algorithm().name())?;
        members.serialize_entry("use", "sig")?;
        members.end()
    }
}
