//! Checks Symbolon's internal tokens.
//!
//! The gateway authenticates a request outside, then tells the service behind it who is calling
//! with a short-lived JSON Web Token in `Authorization: Bearer` (RFC 9068 profile). This crate is
//! what a Rust service adds to read that token, and what the issuer itself mints with, so the two
//! cannot drift apart.

#![deny(missing_docs)]

mod claims;

pub use claims::{ALG_EDDSA, ALG_ES256, ALG_RS256, Claims, TYP};
