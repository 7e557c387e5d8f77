//! A key that signatures are checked with: what it is for is fixed when it is read.
//!
//! 1. A shared secret is for HMAC and a public key for its one algorithm, so that a public key can
//!    never be taken for a secret (the mix-up of CVE-2026-39999).
//! 2. The keys that RFC 9421 prints in appendix B.1 are refused: everybody has their other half.

mod pem;
mod published;

use std::fmt;
use std::hint::black_box;
use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::ParsedPublicKey;

use super::algorithm::Algorithm;
use crate::secret::Secret;

/// The shortest shared secret, in bytes. Kong and APISIX take any; guessing one of this length
/// needs no help from us.
const MIN_SECRET: usize = 8;

/// A shared secret or a public key, with what it may be used for.
pub struct Key {
    checks: Vec<(Algorithm, Check)>,
}

/// How signatures of one algorithm are checked.
pub(super) enum Check {
    Shared(Box<hmac::Key>),
    Public(Box<ParsedPublicKey>),
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Too little to be a secret.
    #[error("shared secret is shorter than 8 bytes")]
    Short,
    /// Printed in RFC 9421.
    #[error("one of the keys that RFC 9421 prints")]
    Published,
    /// Not a public key in PEM.
    #[error("not a public key in PEM (`BEGIN PUBLIC KEY`)")]
    Pem,
    /// Another kind of key than the algorithm's, or one that is too weak.
    #[error("not a key for this algorithm")]
    Algorithm,
}

impl Key {
    /// As it is kept with a credential: a shared secret or, for an algorithm that needs one, a
    /// public key in PEM.
    ///
    /// # Errors
    /// Those of [`Self::shared`] and [`Self::public`]; algorithms of both kinds, and none.
    pub fn of(secret: &Secret, algorithms: &[Algorithm]) -> Result<Self, KeyError> {
        match algorithms {
            [algorithm] if !algorithm.is_shared() => {
                let pem = std::str::from_utf8(secret.reveal()).map_err(|_| KeyError::Pem)?;
                Self::public(pem, Some(*algorithm))
            }
            algorithms => Self::shared(secret.reveal(), algorithms),
        }
    }

    /// A shared secret for these algorithms.
    ///
    /// # Errors
    /// One that is too short or published; an algorithm that is not HMAC; none.
    pub fn shared(secret: &[u8], algorithms: &[Algorithm]) -> Result<Self, KeyError> {
        if secret.len() < MIN_SECRET {
            return Err(KeyError::Short);
        }
        if published::is_published(secret) {
            return Err(KeyError::Published);
        }
        Self::of_secret(secret, algorithms)
    }

    /// A public key in PEM (`BEGIN PUBLIC KEY`, or `BEGIN RSA PUBLIC KEY`). Only for RSA is there a
    /// choice of algorithms, of which `algorithm` is one and RSA-PSS the default.
    ///
    /// # Errors
    /// What is no public key, is one for another algorithm, or is published.
    pub fn public(pem: &str, algorithm: Option<Algorithm>) -> Result<Self, KeyError> {
        let der = pem::read(pem).ok_or(KeyError::Pem)?;
        if published::is_published(&der) {
            return Err(KeyError::Published);
        }
        Self::of_der(&der, algorithm)
    }

    pub(super) fn of_secret(secret: &[u8], algorithms: &[Algorithm]) -> Result<Self, KeyError> {
        let mut checks = Vec::with_capacity(algorithms.len());
        for algorithm in algorithms {
            let hash = algorithm.hmac().ok_or(KeyError::Algorithm)?;
            checks.push((*algorithm, Check::Shared(Box::new(hmac::Key::new(hash, secret)))));
        }
        if checks.is_empty() { Err(KeyError::Algorithm) } else { Ok(Self { checks }) }
    }

    pub(super) fn of_der(der: &[u8], algorithm: Option<Algorithm>) -> Result<Self, KeyError> {
        let candidates: &[Algorithm] = match &algorithm {
            Some(algorithm) => std::slice::from_ref(algorithm),
            None => &[
                Algorithm::EcdsaP256Sha256,
                Algorithm::EcdsaP384Sha384,
                Algorithm::Ed25519,
                Algorithm::RsaPssSha512,
            ],
        };
        for candidate in candidates {
            let Some(verification) = candidate.asymmetric() else { continue };
            if let Ok(key) = ParsedPublicKey::new(verification, der) {
                return Ok(Self { checks: vec![(*candidate, Check::Public(Box::new(key)))] });
            }
        }
        Err(KeyError::Algorithm)
    }

    /// What it may be used for.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        self.checks.iter().map(|(algorithm, _)| *algorithm)
    }

    /// How it is used with this algorithm, where it may be.
    pub(super) fn check(&self, algorithm: Algorithm) -> Option<&Check> {
        let mut checks = self.checks.iter();
        checks.find(|(own, _)| *own == algorithm).map(|(_, check)| check)
    }

    /// The work of a check that fails, for a key that there is not.
    pub(super) fn decoy(algorithm: Option<Algorithm>, base: &[u8]) {
        static ZEROS: LazyLock<Vec<(Algorithm, hmac::Key)>> = LazyLock::new(|| {
            let key = |algorithm: Algorithm| {
                Some((algorithm, hmac::Key::new(algorithm.hmac()?, &[0; 32])))
            };
            Algorithm::ALL.into_iter().filter_map(key).collect()
        });
        let wanted = algorithm.unwrap_or(Algorithm::HmacSha256);
        if let Some((_, key)) = ZEROS.iter().find(|(own, _)| *own == wanted) {
            #[cfg(test)]
            DECOYS.with(|decoys| decoys.set(decoys.get() + 1));
            // Whoever signs with these zeros is refused all the same.
            black_box(hmac::verify(key, base, &[]).is_ok());
        }
    }
}

impl Check {
    /// Whether the key made the signature. HMACs are compared in constant time; one of another
    /// length is a wrong one.
    pub(super) fn passes(&self, base: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Shared(key) => hmac::verify(key, base, signature).is_ok(),
            Self::Public(key) => key.verify_sig(base, signature).is_ok(),
        }
    }
}

#[cfg(test)]
thread_local! {
    static DECOYS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How often a test has done the work for nothing.
#[cfg(test)]
pub(super) fn decoys() -> usize {
    DECOYS.with(std::cell::Cell::get)
}

/// What it is for, and nothing of it.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(")?;
        for algorithm in self.algorithms() {
            write!(f, "{}, ", algorithm.name())?;
        }
        f.write_str("..)")
    }
}
