//! The internal token: the short JWT that tells one service who is calling.
//!
//! 1. Its shape belongs to `symbolon-verifier` ([`Claims`](symbolon_verifier::Claims), RFC 9068
//!    profile), so that issuer and services cannot drift apart.
//! 2. It is signed with ES256 (RFC 7518 section 3.4) by one [`SigningKey`] at a time; the
//!    [`KeyRing`] decides which, and which keys are published.
//! 3. A key is published before it signs and stays published until what it signed has expired.
//!
//! What it deliberately does not know: where keys are stored, and who asks for the JWK set.

mod grant;
mod key_ring;
mod mint;
mod signing_key;
#[cfg(test)]
mod tests;

pub use grant::{CLIENT_PREFIX, Grant, OWN_CLIENT, subject_of_client};
pub use key_ring::{JWKS_MAX_AGE, KeyRing, KeyState, PUBLISH_AHEAD, RETIRED_FOR, RingKey};
pub use mint::{LifetimeError, MintError, Minted, Minter};
pub use signing_key::{SigningKey, SigningKeyError};
