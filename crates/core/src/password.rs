//! Passwords: what is accepted as one, how it is kept, how it is compared.
//!
//! 1. NFC before everything else, so that one password typed on two systems is one password
//!    (NIST SP 800-63B-4 section 3.1.1.2). After that it is taken exactly as typed: no case
//!    folding, no trimming, no truncation.
//! 2. Kept as Argon2id (RFC 9106) in PHC string form, with the parameters inside, so that they
//!    can be raised later: [`PasswordHash::needs_rehash`].
//! 3. A new password obeys [`Rules`]; a presented one is only compared.
//!
//! What it deliberately does not do: composition rules, hints, expiry, truncation.

mod common;
mod fingerprint;
mod hash;
mod obvious;
mod plain;
mod rules;
#[cfg(test)]
mod tests;

pub use fingerprint::{Fingerprint, FingerprintKey};
pub use hash::{HashError, PasswordHash};
pub use plain::{MAX_PASSWORD_BYTES, PasswordTooLong, PlainPassword};
pub use rules::{MIN_PASSWORD_CHARS, NewPassword, Refusal, Rules};
