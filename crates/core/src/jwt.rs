//! JSON Web Tokens from outside: whoever signed them, they are checked by one set of rules.
//!
//! 1. A key is for one algorithm, fixed where the key is configured; a token's `alg` is compared
//!    with it and chooses nothing (RFC 8725 3.1). `none` is nobody's algorithm.
//! 2. Keys come from the configuration or from the issuer's key set. A token that brings or names
//!    a key of its own is refused (RFC 8725 3.10), and so is `crit`, an encrypted token, a member
//!    name that appears twice, and any spelling but the canonical one.
//! 3. What a token says can be had only after its signature ([`Unverified::verify`]) and after its
//!    type, issuer, audience and times ([`Expected::check`]). Before, it only chooses the key.
//! 4. A wrong length is a wrong signature, whatever the algorithm.
//!
//! The internal token is none of these: it has a stricter shape, which `symbolon-verifier` keeps.
//! Ed448 is missing, since the cryptographic library has none.

mod algorithm;
mod claims;
mod error;
mod expected;
mod jwk;
mod key;
mod key_set;
mod pem;
#[cfg(test)]
mod tests;
mod unverified;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use claims::{Claims, claim_at};
pub use error::JwtError;
pub use expected::{DEFAULT_LEEWAY, Expected, MAX_LEEWAY};
pub use key::{KeyError, VerifyingKey};
pub use key_set::{KeySet, KeySetError, MAX_KEY_SET_BYTES, MAX_KEYS};
pub use unverified::{MAX_TOKEN_BYTES, Signed, Unverified, has_shape};
