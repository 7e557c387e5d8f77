//! What a credential is called where only this process has to know it again: an HMAC under a key
//! that lives and dies with the process.
//!
//! Caches of verified credentials are keyed by it. Whoever reads the memory finds no credential,
//! nobody outside can make two of them collide, and how long a comparison takes says nothing
//! about a credential.

use crate::random::{self, Random};

/// The key; drawn anew for every cache.
#[derive(Clone)]
pub struct HashKey(aws_lc_rs::hmac::Key);

/// HMAC-SHA-256 over some parts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyedHash([u8; 32]);

impl HashKey {
    /// A fresh key.
    pub fn generate(random: &dyn Random) -> Self {
        let secret: [u8; 32] = random::bytes(random);
        Self(aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret))
    }

    /// The hash over these parts: other parts, or the same bytes cut elsewhere, have another.
    pub fn over(&self, parts: &[&[u8]]) -> KeyedHash {
        let mut context = aws_lc_rs::hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        KeyedHash(hash)
    }
}

impl KeyedHash {
    /// The bytes; all of them are uniform.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(..)")
    }
}

impl std::fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyedHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn a_hash_depends_on_the_key_and_on_every_part_and_where_it_is_cut() {
        let key = HashKey::generate(&OsRandom);
        let hash = key.over(&[b"ab", b"c"]);
        assert_eq!(hash, key.over(&[b"ab", b"c"]));
        let others = [
            key.over(&[b"a", b"bc"]),
            key.over(&[b"abc"]),
            key.over(&[b"ab", b"c", b""]),
            key.over(&[b"", b"ab", b"c"]),
            key.over(&[b"c", b"ab"]),
            HashKey::generate(&OsRandom).over(&[b"ab", b"c"]),
        ];
        assert!(!others.contains(&hash));
    }

    #[test]
    fn neither_key_nor_hash_is_printed() {
        let key = HashKey::generate(&OsRandom);
        let text = format!("{key:?} {:?}", key.over(&[b"secret"]));
        assert_eq!(text, "HashKey(..) KeyedHash(..)");
    }
}
