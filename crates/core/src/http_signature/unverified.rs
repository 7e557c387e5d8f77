//! A signature that was read and about which nothing is known yet.

use std::fmt;

use super::algorithm::Algorithm;
use super::component::Covered;
use super::digest::{self, BodyDigest};
use super::failure::Failure;
use super::form::Form;
use super::key::Key;
use super::policy::Policy;
use super::request::Request;
use crate::time::Timestamp;

/// What a request says of its signature, and what its signer must have signed.
pub struct Unverified {
    pub(super) form: Form,
    pub(super) key_id: String,
    /// What it says it was made with; RFC 9421 lets it say nothing.
    pub(super) algorithm: Option<Algorithm>,
    pub(super) covered: Covered,
    /// The date that is signed.
    pub(super) dated: Option<Timestamp>,
    pub(super) expires: Option<Timestamp>,
    pub(super) nonce: Option<String>,
    /// What it is for, in the words of the application (RFC 9421 section 2.3).
    pub(super) tag: Option<String>,
    pub(super) base: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Unverified {
    /// Which form it is written in.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The key that is said to have made it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What must not come twice.
    pub(super) fn unique(&self) -> &[u8] {
        self.nonce.as_ref().map_or(&self.base, |nonce| nonce.as_bytes())
    }

    /// Judges what can be judged without a key, and tells when it is dated: as long as anybody
    /// takes that date it has to be remembered.
    ///
    /// # Errors
    /// No signed date or one that is too far from `now`, something that has to be signed and is
    /// not, an algorithm that the policy does not take.
    pub fn check(&self, policy: &Policy, now: Timestamp) -> Result<Timestamp, Failure> {
        if self.algorithm.is_some_and(|algorithm| !policy.takes(algorithm)) {
            return Err(Failure::Algorithm);
        }
        if policy.tag.is_some() && policy.tag != self.tag {
            return Err(Failure::Tag);
        }
        let dated = self.dated.ok_or(Failure::NoDate)?;
        let oldest = now.minus(policy.clock_skew);
        if dated < oldest || dated > now.plus(policy.clock_skew) {
            return Err(Failure::Skewed);
        }
        // Section 2.3: it is not good any more after that moment.
        if self.expires.is_some_and(|expires| expires <= now) {
            return Err(Failure::Expired);
        }
        let lacking = policy.required.iter().find(|component| !self.covered.has(component));
        if let Some(component) = lacking {
            return Err(Failure::NotCovered(component.to_string()));
        }
        Ok(dated)
    }

    /// Judges whether `key` made it. Without a key, or with one that is not for its algorithm, it
    /// fails as one that did not, and takes about as long for a shared secret: the time tells
    /// nobody which keys there are.
    ///
    /// # Errors
    /// [`Failure::Mismatch`], whatever is wrong.
    pub fn verify(&self, key: Option<&Key>, policy: &Policy) -> Result<(), Failure> {
        let fits = |algorithm: Algorithm| algorithm.is_of(self.form) && policy.takes(algorithm);
        let algorithm = match self.algorithm {
            Some(algorithm) => Some(algorithm).filter(|algorithm| fits(*algorithm)),
            None => key.and_then(|key| key.algorithms().find(|algorithm| fits(*algorithm))),
        };
        let check = key.zip(algorithm).and_then(|(key, algorithm)| key.check(algorithm));
        let Some(check) = check else {
            Key::decoy(self.algorithm, &self.base);
            return Err(Failure::Mismatch);
        };
        if check.passes(&self.base, &self.signature) { Ok(()) } else { Err(Failure::Mismatch) }
    }

    /// The digest of the body, where it is signed.
    ///
    /// # Errors
    /// One that is signed and cannot be read.
    pub fn body_digest(&self, request: &Request<'_>) -> Result<Option<BodyDigest>, Failure> {
        digest::signed(request, &self.covered)
    }
}

/// Nothing of what was signed: it may hold what is nobody's business.
impl fmt::Debug for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unverified({}, {:?}, ..)", self.form.name(), self.key_id)
    }
}

/// The algorithm of a name.
pub(super) fn algorithm(name: &str, form: Form) -> Result<Algorithm, Failure> {
    Algorithm::of_name(name).filter(|algorithm| algorithm.is_of(form)).ok_or(Failure::Algorithm)
}

/// A line for a header in the two older forms: they have no way to say what they mean by several.
pub(super) fn push_field(
    request: &Request<'_>,
    name: &str,
    base: &mut String,
    covered: &mut Covered,
) -> Result<(), Failure> {
    let lower = name.to_ascii_lowercase();
    let value = request.only(&lower)?.ok_or_else(|| Failure::Absent(lower.clone()))?;
    base.push_str(name);
    base.push_str(": ");
    base.push_str(value);
    covered.add_field(&lower);
    Ok(())
}
