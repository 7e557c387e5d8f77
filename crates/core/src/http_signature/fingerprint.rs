//! What is remembered of a signature that was used: a keyed hash, so that memory holds nothing that
//! somebody signed.

use aws_lc_rs::hmac;

use super::unverified::Unverified;
use crate::random::{self, Random};

/// The key, drawn by each process for itself.
pub struct FingerprintKey(hmac::Key);

/// 128 bits that tell one use from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 16]);

impl FingerprintKey {
    /// Draws one.
    pub fn generate(random: &dyn Random) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>(random)))
    }

    /// Of what must not come twice: the nonce under its key, or where there is none all that was
    /// signed. It is not the signature itself, because ECDSA has two that fit and RSA-PSS many.
    pub fn of(&self, signature: &Unverified) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&(signature.key_id.len() as u64).to_be_bytes());
        context.update(signature.key_id.as_bytes());
        context.update(&[u8::from(signature.nonce.is_some())]);
        context.update(signature.unique());
        Fingerprint::cut(context.sign().as_ref())
    }

    /// Of the key alone: which part of a memory its uses go to.
    pub fn of_key(&self, signature: &Unverified) -> Fingerprint {
        Fingerprint::cut(hmac::sign(&self.0, signature.key_id.as_bytes()).as_ref())
    }
}

impl Fingerprint {
    fn cut(tag: &[u8]) -> Self {
        Self(tag.first_chunk().copied().unwrap_or_default())
    }

    /// Its last byte, to choose among at most 256.
    pub const fn last_byte(&self) -> u8 {
        let [.., last] = self.0;
        last
    }
}

/// The key cannot be printed.
impl std::fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FingerprintKey(..)")
    }
}
