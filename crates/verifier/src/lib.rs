//! Checks Symbolon's internal tokens.
//!
//! The gateway authenticates a request outside, then tells the service behind it who is calling
//! with a short-lived JSON Web Token in `Authorization: Bearer` (RFC 9068 profile). This crate is
//! what a Rust service adds to read that token, and what the issuer itself mints with, so the two
//! cannot drift apart.

#![deny(missing_docs)]

mod algorithm;
mod base64url;
mod claims;
mod error;
mod jwk;
mod jws;
mod key_set;
mod strict_json;
mod verify;

pub use algorithm::Algorithm;
pub use claims::{ALG_EDDSA, ALG_ES256, ALG_RS256, Claims, TYP};
pub use error::VerifyError;
pub use jwk::Jwk;
pub use jws::MAX_TOKEN_BYTES;
pub use key_set::{JwkSet, KeySet, KeySetError, MAX_KEY_SET_BYTES, MAX_KEYS};
pub use verify::{DEFAULT_LEEWAY, MAX_LEEWAY, MAX_LIFETIME, Verifier};
