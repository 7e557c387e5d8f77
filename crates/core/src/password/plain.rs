//! A password in clear: normalised, bounded, wiped after use, never printed.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The longest password, in bytes of UTF-8 after normalisation.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// A password as somebody typed it, in NFC.
pub struct PlainPassword(Zeroizing<String>);

/// Longer than [`MAX_PASSWORD_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("password is longer than {MAX_PASSWORD_BYTES} bytes")]
pub struct PasswordTooLong;

impl PlainPassword {
    /// Normalises what was typed.
    ///
    /// # Errors
    /// [`PasswordTooLong`]; nothing is ever cut off.
    pub fn new(typed: &str) -> Result<Self, PasswordTooLong> {
        // Room for the longest password is taken at once: a string that grows leaves copies.
        let mut text = Zeroizing::new(String::with_capacity(MAX_PASSWORD_BYTES));
        for character in typed.nfc() {
            if text.len() + character.len_utf8() > MAX_PASSWORD_BYTES {
                return Err(PasswordTooLong);
            }
            text.push(character);
        }
        Ok(Self(text))
    }

    /// A password that no account has: what an over-long one is compared as.
    pub fn impossible() -> Self {
        Self(Zeroizing::new(String::new()))
    }

    /// The normalised text, for the rules and the hash function only.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword(..)")
    }
}
