//! Checks Symbolon's internal tokens.
//!
//! The gateway authenticates a request outside, then tells the service behind it who is calling
//! with a short-lived JSON Web Token in `Authorization: Bearer` (RFC 9068 profile). This crate is
//! what a Rust service adds to read that token, and what the issuer itself mints with, so the two
//! cannot drift apart.

//!
//! ```
//! # fn keys_from_somewhere() -> symbolon_verifier::KeySet { Default::default() }
//! use symbolon_verifier::{Verifier, VerifyError};
//!
//! let verifier = Verifier::new("https://shop.example/auth/internal", "orders", keys_from_somewhere());
//! assert_eq!(verifier.verify("not a token", 1_800_000_000), Err(VerifyError::NotCompactJws));
//! ```
//!
//! Features: `fetch` (keys from the issuer, kept fresh), `tower` (a layer), `axum` (an extractor).

#![deny(missing_docs)]

mod algorithm;
mod base64url;
#[cfg(feature = "tower")]
mod bearer;
mod claims;
mod error;
#[cfg(feature = "axum")]
mod extractor;
mod jwk;
mod jws;
mod key_set;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "fetch")]
mod remote;
#[doc(hidden)]
pub mod strict_json;
mod verify;

pub use algorithm::Algorithm;
pub use claims::{ALG_EDDSA, ALG_ES256, ALG_RS256, Claims, TYP};
pub use error::VerifyError;
#[cfg(feature = "axum")]
pub use extractor::{NotVerified, Verified};
pub use jwk::Jwk;
pub use jws::MAX_TOKEN_BYTES;
pub use key_set::{JwkSet, KeySet, KeySetError, MAX_KEY_SET_BYTES, MAX_KEYS};
#[cfg(feature = "tower")]
pub use layer::{VerifyLayer, VerifyService};
#[cfg(feature = "fetch")]
pub use remote::{
    FETCH_TIMEOUT, FetchError, MAX_METADATA_BYTES, MAX_STALENESS, MIN_FETCH_INTERVAL,
    MIN_FETCH_INTERVAL_WITHOUT_KEYS, REFRESH_AFTER, REFRESH_FIRST_AFTER, RemoteError,
    RemoteVerifier, RemoteVerifierBuilder,
};
pub use verify::{DEFAULT_LEEWAY, MAX_LEEWAY, MAX_LIFETIME, Verifier};

/// Keeps the examples of the README true.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
