//! By what a password that was right a moment ago is known again, without keeping it: a keyed
//! hash of it, of whose it is and of the hash that it was compared with.
//!
//! 1. The key is drawn when the process starts and never leaves it. Without the key a
//!    fingerprint is as good as random bytes; with it, guesses are fast: so fingerprints stay in
//!    memory.
//! 2. The stored hash is inside, salt and all: a new password makes every older fingerprint void.

use aws_lc_rs::hmac;

use super::hash::PasswordHash;
use super::plain::PlainPassword;
use crate::random::{self, Random};

/// Makes fingerprints; of one process.
pub struct FingerprintKey(hmac::Key);

/// HMAC-SHA256 (RFC 2104) of a password and its circumstances.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl FingerprintKey {
    /// Draws a new one.
    pub fn draw(random: &dyn Random) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>(random)))
    }

    /// The fingerprint of a password that somebody says is theirs.
    pub fn of(&self, whose: &[u8], stored: &PasswordHash, password: &PlainPassword) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.0);
        // Each part with its length in front, so that no two lists of parts look the same.
        for part in [whose, stored.as_str().as_bytes(), password.reveal().as_bytes()] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        Fingerprint(bytes)
    }
}

impl std::fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FingerprintKey(..)")
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

impl Fingerprint {
    /// A number below `count`, the same for the same fingerprint.
    pub fn place_among(&self, count: usize) -> usize {
        let [first, second, ..] = self.0;
        usize::from(u16::from_be_bytes([first, second])) % count.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    fn plain(text: &str) -> PlainPassword {
        PlainPassword::new(text).unwrap()
    }

    #[test]
    fn it_depends_on_key_owner_stored_hash_and_password() {
        let key = FingerprintKey::draw(&OsRandom);
        let stored = PasswordHash::from_stored("$argon2id$one");
        let print = key.of(b"alice", &stored, &plain("open sesame"));
        assert_eq!(print, key.of(b"alice", &stored, &plain("open sesame")));
        let others = [
            key.of(b"alice", &stored, &plain("open sesame!")),
            key.of(b"alic", &stored, &plain("eopen sesame")),
            key.of(b"bob", &stored, &plain("open sesame")),
            key.of(b"alice", &PasswordHash::from_stored("$argon2id$two"), &plain("open sesame")),
            FingerprintKey::draw(&OsRandom).of(b"alice", &stored, &plain("open sesame")),
        ];
        assert!(!others.contains(&print));
    }
}
