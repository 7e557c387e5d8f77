//! Signed requests: what was signed, whether that is enough, and whether the key fits.
//!
//! Three forms ([`Form`]), one way through them:
//! 1. [`find`] takes the signatures out of a request and writes down, for each, the exact bytes
//!    that its signer must have signed (the *base*). Nothing is believed yet ([`Unverified`]).
//! 2. [`Unverified::check`] asks what needs no key: is it dated, is the date signed and near, does
//!    it cover what the policy wants.
//! 3. [`Unverified::verify`] asks the key. Which algorithm is used is the key's to say: what the
//!    request says of it can only disagree (RFC 9421 section 3.2, step 6).
//! 4. [`Unverified::body_digest`] is what the signature says of the body, for whoever reads it.
//!
//! Rules:
//! - A component that is signed and not in the request, or there more than once where the form
//!   cannot express that, is a failure. Kong signs it as empty and APISIX leaves it out, so that a
//!   signature can cover something that is added later.
//! - A parameter that is not understood is a failure, not something to skip.
//! - There is no way to be without a date.
//!
//! What it deliberately does not know: who owns a key, and which signatures were used before.

mod algorithm;
mod apisix;
mod component;
mod digest;
mod failure;
mod fingerprint;
mod form;
mod key;
mod kong;
mod message;
mod parameters;
mod policy;
mod request;
#[cfg(test)]
mod tests;
mod unverified;

pub use algorithm::Algorithm;
pub use component::{Component, NotAComponent};
pub use digest::{BodyDigest, DigestCheck};
pub use failure::Failure;
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use form::{Form, find};
pub use key::{Key, KeyError};
pub use policy::{DEFAULT_CLOCK_SKEW, MAX_CLOCK_SKEW, Policy};
pub use request::Request;
pub use unverified::Unverified;
