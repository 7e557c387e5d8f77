//! What signatures are made with.
//!
//! The names are those of RFC 9421 section 6.2.2, and for HMAC with other hashes those that Kong's
//! and APISIX's clients send.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, VerificationAlgorithm};

use super::form::Form;

/// An algorithm for signatures over requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC with SHA-1: only for credentials that say so.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-384.
    HmacSha384,
    /// HMAC with SHA-512.
    HmacSha512,
    /// ECDSA on P-256 with SHA-256, 64 bytes `r || s`.
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384, 96 bytes `r || s`.
    EcdsaP384Sha384,
    /// `EdDSA` on Curve25519.
    Ed25519,
    /// RSASSA-PSS with SHA-512 and a salt of 64 bytes.
    RsaPssSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaV15Sha256,
}

impl Algorithm {
    /// All that there are.
    pub const ALL: [Self; 9] = [
        Self::HmacSha1,
        Self::HmacSha256,
        Self::HmacSha384,
        Self::HmacSha512,
        Self::EcdsaP256Sha256,
        Self::EcdsaP384Sha384,
        Self::Ed25519,
        Self::RsaPssSha512,
        Self::RsaV15Sha256,
    ];

    /// What a shared secret is good for where its credential does not say.
    pub const SHARED: [Self; 3] = [Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    /// The name, as it stands in requests and in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha1",
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            Self::EcdsaP384Sha384 => "ecdsa-p384-sha384",
            Self::Ed25519 => "ed25519",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::RsaV15Sha256 => "rsa-v1_5-sha256",
        }
    }

    /// The algorithm of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Whether the key is a secret that both sides have.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// Whether a form knows it: the two older forms know HMAC only, RFC 9421 no HMAC but SHA-256's.
    pub(super) const fn is_of(self, form: Form) -> bool {
        match form {
            Form::Kong | Form::Apisix => self.is_shared(),
            Form::MessageSignature => !self.is_shared() || matches!(self, Self::HmacSha256),
        }
    }

    pub(super) fn hmac(self) -> Option<hmac::Algorithm> {
        match self {
            Self::HmacSha1 => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            Self::HmacSha256 => Some(hmac::HMAC_SHA256),
            Self::HmacSha384 => Some(hmac::HMAC_SHA384),
            Self::HmacSha512 => Some(hmac::HMAC_SHA512),
            _ => None,
        }
    }

    pub(super) fn asymmetric(self) -> Option<&'static dyn VerificationAlgorithm> {
        match self {
            Self::EcdsaP256Sha256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
            Self::EcdsaP384Sha384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
            Self::Ed25519 => Some(&signature::ED25519),
            Self::RsaPssSha512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
            Self::RsaV15Sha256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
            _ => None,
        }
    }
}
