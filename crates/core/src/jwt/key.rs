//! A key with the one algorithm it is for, made ready once.
//!
//! 1. A secret of `HS…` has at least the length of the hash (RFC 7518 3.2): a shorter one, or a
//!    password, can be guessed from a single token.
//! 2. RSA keys have 2048 to 8192 bits (RFC 7518 3.3 and 3.5).
//! 3. A point is on the curve of the algorithm.

use std::fmt;

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use serde_json::Value;
use symbolon_verifier::strict_json;

use super::algorithm::{Algorithm, Family};
use super::jwk;
use super::pem;

/// The bits that an RSA key may have.
pub(super) const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A key to verify with.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    material: Material,
    fingerprint: [u8; 32],
}

#[derive(Clone)]
enum Material {
    Secret(Box<hmac::Key>),
    Public(ParsedPublicKey),
}

/// Why something is not a key for an algorithm. Never repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The algorithm takes a secret, or takes none.
    #[error("it is not the kind of key that this algorithm takes")]
    Kind,
    /// A secret that can be guessed.
    #[error("the secret is shorter than the hash: {} bytes at least (RFC 7518 3.2)", .0)]
    ShortSecret(usize),
    /// An RSA key that can be factored, or one that only costs time.
    #[error("an RSA key must have {} to {} bits", RSA_BITS.start(), RSA_BITS.end())]
    Bits,
    /// A private key where a public one belongs.
    #[error("it is a private key; the public one belongs here")]
    Private,
    /// Neither PEM nor JWK.
    #[error("it is neither a public key in PEM nor a JWK")]
    Malformed,
    /// A JWK that is meant for another algorithm, or not for signatures.
    #[error("the JWK is for something else")]
    OtherPurpose,
}

impl VerifyingKey {
    /// A secret for one of `HS256`, `HS384` and `HS512`.
    pub fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let hash = match algorithm {
            Algorithm::Hs256 => hmac::HMAC_SHA256,
            Algorithm::Hs384 => hmac::HMAC_SHA384,
            Algorithm::Hs512 => hmac::HMAC_SHA512,
            _ => return Err(KeyError::Kind),
        };
        let shortest = hash.digest_algorithm().output_len();
        if secret.len() < shortest {
            return Err(KeyError::ShortSecret(shortest));
        }
        let material = Material::Secret(Box::new(hmac::Key::new(hash, secret)));
        Ok(Self::new(algorithm, material, secret))
    }

    /// A public key as people keep them: PEM (`PUBLIC KEY` or `RSA PUBLIC KEY`), or one JWK.
    pub fn public(algorithm: Algorithm, text: &str) -> Result<Self, KeyError> {
        if text.trim_start().starts_with('{') {
            let value: Value =
                strict_json::object(text.as_bytes()).map_err(|_| KeyError::Malformed)?;
            return jwk::read(&value, algorithm);
        }
        Self::of_der(algorithm, &pem::public_key(text)?)
    }

    /// Whichever of the two the algorithm takes.
    pub fn of_material(algorithm: Algorithm, material: &[u8]) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            return Self::secret(algorithm, material);
        }
        let text = std::str::from_utf8(material).map_err(|_| KeyError::Malformed)?;
        Self::public(algorithm, text)
    }

    /// The one algorithm this key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Tells keys apart: a hash of algorithm and key.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// Whether this key's owner signed `message`.
    #[must_use]
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            // In constant time; a tag of another length is a wrong one.
            Material::Secret(key) => hmac::verify(key, message, signature).is_ok(),
            Material::Public(key) => key.verify_sig(message, signature).is_ok(),
        }
    }

    /// A `SubjectPublicKeyInfo` (RFC 5280 4.1).
    pub(super) fn of_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        if algorithm.family() == Family::Rsa {
            let key = PublicEncryptingKey::from_der(der).map_err(|_| KeyError::Kind)?;
            if !RSA_BITS.contains(&key.key_size_bits()) {
                return Err(KeyError::Bits);
            }
        }
        Self::of_bytes(algorithm, der)
    }

    /// Whatever the library reads as a public key for this algorithm.
    pub(super) fn of_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let verification = verification(algorithm).ok_or(KeyError::Kind)?;
        let key = ParsedPublicKey::new(verification, bytes).map_err(|_| KeyError::Kind)?;
        Ok(Self::new(algorithm, Material::Public(key), bytes))
    }

    fn new(algorithm: Algorithm, material: Material, bytes: &[u8]) -> Self {
        let mut hash = digest::Context::new(&SHA256);
        hash.update(algorithm.name().as_bytes());
        hash.update(&[0]);
        hash.update(bytes);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(hash.finish().as_ref());
        Self { algorithm, material, fingerprint }
    }
}

/// Prints what is no secret.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({}, ..)", self.algorithm)
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for VerifyingKey {}

/// ECDSA signatures are of fixed length (RFC 7518 3.4), the salt of PSS has the length of the hash
/// (RFC 7518 3.5).
fn verification(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => return None,
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
        Algorithm::Es512 => &signature::ECDSA_P521_SHA512_FIXED,
        Algorithm::EdDsa => &signature::ED25519,
    })
}
