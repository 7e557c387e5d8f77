//! The signature algorithms a Symbolon issuer can be set to (RFC 7518 3.1, RFC 8037 3.1).
//!
//! The list is closed on purpose: `none` and the HMAC family have no place here, because a service
//! holds public keys only.

use crate::claims::{ALG_EDDSA, ALG_ES256, ALG_RS256};

/// A signature algorithm. Every key has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, at least 2048 bits.
    Rs256,
}

impl Algorithm {
    /// Every algorithm that an issuer can be set to.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The name in a JWS header's `alg` and in a JWK's `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => ALG_ES256,
            Self::EdDsa => ALG_EDDSA,
            Self::Rs256 => ALG_RS256,
        }
    }
}
