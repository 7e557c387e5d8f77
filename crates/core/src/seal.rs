//! Sealing secrets at rest: AES-256-GCM under a master key, and keys derived from it.
//!
//! The master key comes from a file or the environment and never touches the store. Each sealed
//! text is bound to its place by additional data, so that a row cannot be swapped for another.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::random::{self, Random};

/// The key everything else is sealed with or derived from: 256 bits.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// The text was not sealed with this key, for this place, or was changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be opened with this master key")]
pub struct SealError;

impl MasterKey {
    /// Draws a new one.
    pub fn generate(random: &dyn Random) -> Self {
        Self(Zeroizing::new(random::bytes(random)))
    }

    /// From its 64 hexadecimal digits; surrounding white space is ignored.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.trim().as_bytes();
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut key = Zeroizing::new([0; 32]);
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok().filter(|_| !pair.starts_with('+'))?;
        }
        Some(Self(key))
    }

    /// Its 64 hexadecimal digits, for the file it is kept in.
    pub fn to_hex(&self) -> Zeroizing<String> {
        use fmt::Write as _;
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.0.iter() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Seals `plain` for the place named by `place`: nonce, ciphertext and tag in one.
    ///
    /// # Errors
    /// [`SealError`] when the text is too long for the cipher (64 GiB).
    pub fn seal(
        &self,
        place: &str,
        plain: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE_LEN] = random::bytes(random);
        let mut body = plain.to_vec();
        self.key()?
            .seal_in_place_append_tag(Nonce::from(&nonce), Aad::from(place.as_bytes()), &mut body)
            .map_err(|_| SealError)?;
        Ok([nonce.as_slice(), &body].concat())
    }

    /// Opens what [`Self::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SealError`] when key, place or text differ.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
        let mut body = Zeroizing::new(body.to_vec());
        let len = self
            .key()?
            .open_in_place(Nonce::from(nonce), Aad::from(place.as_bytes()), &mut body)
            .map_err(|_| SealError)?
            .len();
        body.truncate(len);
        Ok(body)
    }

    /// An HMAC-SHA-256 key for one purpose, derived so that purposes cannot be confused.
    pub fn derive(&self, purpose: &str) -> hmac::Key {
        let root = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, purpose.as_bytes()).as_ref())
    }

    fn key(&self) -> Result<LessSafeKey, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, self.0.as_slice()).map_err(|_| SealError)?;
        Ok(LessSafeKey::new(key))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn opens_only_where_it_was_sealed_for_and_unchanged() {
        let key = MasterKey::generate(&OsRandom);
        let sealed = key.seal("key:1", b"secret", &OsRandom).unwrap();
        assert_eq!(key.open("key:1", &sealed).unwrap().as_slice(), b"secret");
        assert!(key.open("key:2", &sealed).is_err());
        assert!(MasterKey::generate(&OsRandom).open("key:1", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("key:1", &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn its_text_form_is_read_back() {
        let key = MasterKey::generate(&OsRandom);
        assert!(MasterKey::from_hex(&format!("{}\n", *key.to_hex())).is_some());
        assert!(MasterKey::from_hex("+1").is_none());
        assert!(MasterKey::from_hex(&"+1".repeat(32)).is_none());
        assert_eq!(format!("{key:?}"), "MasterKey(..)");
    }
}
