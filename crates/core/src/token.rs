//! The opaque token outside: what a browser, an app or a script holds.
//!
//! ```text
//! syms_ 7Yb0...43 characters...Qm2 3kZ9aB
//! └┬──┘ └───────────┬────────────┘ └─┬──┘
//!  │                │                └ checksum: CRC-32 of all before it, base 62
//!  │                └ 256 random bits, base 62
//!  └ kind, so that secret scanners and people recognise it
//! ```
//!
//! 1. It says nothing: no identifier, no time, no structure beyond the above.
//! 2. Garbage is refused by the checksum, before any look-up.
//! 3. Only its SHA-256 is stored and compared ([`TokenHash`]). With 256 random bits inside, a
//!    plain hash is enough: there is nothing to guess.

mod base62;
mod checksum;
#[cfg(test)]
mod tests;

use std::fmt;

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::random::{self, Random};

/// What a token is for; each kind has its own prefix and is refused in another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A session's access token, in a cookie or as a bearer token.
    Session,
    /// A client's API key.
    ApiKey,
}

/// A token in clear: shown once to whom it belongs, then forgotten. Cannot be printed.
pub struct PlainToken(Zeroizing<String>);

/// The SHA-256 of a token: the only form in which it is stored, looked up and compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash([u8; 32]);

/// A text that cannot be a token of the expected kind; which part is wrong is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed token")]
pub struct MalformedToken;

/// How long a key of another system may be, in bytes.
pub const FOREIGN_KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=512;

const SECRET_BYTES: usize = 32;
const SECRET_CHARS: usize = 43;
const CHECKSUM_CHARS: usize = 6;

impl TokenKind {
    /// The prefix that marks this kind.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "syms_",
            Self::ApiKey => "symk_",
        }
    }

    /// The length of a whole token of this kind, in bytes.
    pub const fn token_len(self) -> usize {
        self.prefix().len() + SECRET_CHARS + CHECKSUM_CHARS
    }
}

impl PlainToken {
    /// Draws a new token.
    pub fn generate(kind: TokenKind, random: &dyn Random) -> Self {
        let secret = Zeroizing::new(random::bytes::<SECRET_BYTES>(random));
        let mut text = Zeroizing::new(String::with_capacity(kind.token_len()));
        text.push_str(kind.prefix());
        base62::push_bytes(&mut text, &secret);
        let sum = checksum::crc32(text.as_bytes());
        base62::push_u32(&mut text, sum);
        Self(text)
    }

    /// The clear text, for the one place that hands it out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The form in which it is stored.
    pub fn hash(&self) -> TokenHash {
        TokenHash::sha256(self.0.as_bytes())
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(..)")
    }
}

impl TokenHash {
    /// Checks the form of a presented token and hashes it; nothing is copied or allocated.
    ///
    /// # Errors
    /// [`MalformedToken`] when prefix, length, alphabet or checksum are wrong.
    pub fn of_presented(kind: TokenKind, presented: &[u8]) -> Result<Self, MalformedToken> {
        if presented.len() != kind.token_len() || !presented.starts_with(kind.prefix().as_bytes()) {
            return Err(MalformedToken);
        }
        let (body, sum) = presented.split_at(presented.len() - CHECKSUM_CHARS);
        if base62::read_u32(sum) != Some(checksum::crc32(body)) {
            return Err(MalformedToken);
        }
        Ok(Self::sha256(presented))
    }

    /// Hashes a key that another system made, so that its clients need not change it.
    ///
    /// Nothing is known of its randomness, so it has to be long and within bounds: of
    /// [`FOREIGN_KEY_BYTES`], all of them visible ASCII.
    ///
    /// # Errors
    /// [`MalformedToken`] when it is not.
    pub fn of_foreign(presented: &[u8]) -> Result<Self, MalformedToken> {
        let is_visible = presented.iter().all(u8::is_ascii_graphic);
        if !is_visible || !FOREIGN_KEY_BYTES.contains(&presented.len()) {
            return Err(MalformedToken);
        }
        Ok(Self::sha256(presented))
    }

    /// From its stored form.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its stored form.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn sha256(text: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, text).as_ref());
        Self(hash)
    }
}

/// Four bytes are enough to tell two apart in a debugger, and useless to an attacker.
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, _) = self.0.split_at(4);
        write!(f, "TokenHash({start:02x?}..)")
    }
}
