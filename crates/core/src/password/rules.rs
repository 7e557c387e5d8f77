//! What is accepted as a new password (NIST SP 800-63B-4 section 3.1.1.2, ASVS 6.2).
//!
//! Length is what counts: a password is the only factor, so it has at least
//! [`MIN_PASSWORD_CHARS`] characters, every code point counting as one. No composition rules. The
//! *whole* password is compared, folded to lower case, and the reason of a refusal is told.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::plain::{MAX_PASSWORD_BYTES, PlainPassword};
use super::{common, obvious};

/// The fewest code points of a new password.
pub const MIN_PASSWORD_CHARS: usize = 15;

/// The shortest name that is looked for inside a password, in code points.
const MIN_CONTEXT_CHARS: usize = 3;

/// A password that is a name and fewer than this many other letters or digits is just the name.
const MIN_BESIDE_CONTEXT: usize = 6;

/// What a password is judged against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'a> {
    /// Words that everybody would try for this person here: their name, the service's name.
    pub context: &'a [&'a str],
}

/// A password that obeys the rules; the only kind that may be set.
#[derive(Debug)]
pub struct NewPassword(PlainPassword);

/// Why a password is not accepted; told to the person who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fewer than [`MIN_PASSWORD_CHARS`] code points.
    #[error("it needs at least {MIN_PASSWORD_CHARS} characters")]
    TooShort,
    /// More than [`MAX_PASSWORD_BYTES`].
    #[error("it is longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// In the blocklist.
    #[error("it is one of the passwords that are tried first")]
    Common,
    /// The name of the person or of the service, with little else.
    #[error("it is little more than your name or the name of this service")]
    Context,
    /// One character or short unit over and over.
    #[error("it repeats the same few characters")]
    Repetition,
    /// Made of straight lines on the keyboard, in the alphabet or in the digits.
    #[error("it follows the keyboard, the alphabet or the digits")]
    Sequence,
}

impl NewPassword {
    /// The password inside, to be hashed.
    pub fn into_plain(self) -> PlainPassword {
        self.0
    }
}

impl Rules<'_> {
    /// Judges a password that somebody wants to set.
    pub fn judge(&self, typed: &str) -> Result<NewPassword, Refusal> {
        let password = PlainPassword::new(typed).map_err(|_| Refusal::TooLong)?;
        let text = password.reveal();
        if text.chars().count() < MIN_PASSWORD_CHARS {
            return Err(Refusal::TooShort);
        }
        let folded = fold(text);
        let characters = Zeroizing::new(folded.chars().collect::<Vec<_>>());
        if common::contains(&folded) {
            return Err(Refusal::Common);
        }
        if obvious::is_repetition(&characters, MIN_PASSWORD_CHARS - 1) {
            return Err(Refusal::Repetition);
        }
        if obvious::is_made_of_runs(&characters) {
            return Err(Refusal::Sequence);
        }
        if self.is_little_more_than_context(&folded) {
            return Err(Refusal::Context);
        }
        Ok(NewPassword(password))
    }

    fn is_little_more_than_context(&self, folded: &str) -> bool {
        let mut rest = Zeroizing::new(folded.to_owned());
        let words = self.context.iter().flat_map(|name| variants(name));
        let mut found = false;
        for word in words {
            if word.chars().count() >= MIN_CONTEXT_CHARS && rest.contains(&word) {
                found = true;
                *rest = rest.replace(&word, " ");
            }
        }
        let beside: Vec<char> = rest.chars().filter(|c| c.is_alphanumeric()).collect();
        found && (beside.len() < MIN_BESIDE_CONTEXT || obvious::is_made_of_runs(&beside))
    }
}

/// A name and what people make of it: for `alice@shop.example` also `alice`.
fn variants(name: &str) -> Vec<String> {
    let whole = fold(name).to_string();
    let local = whole.split('@').next().unwrap_or_default().to_owned();
    let bare = whole.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut all = vec![whole, bare, local];
    all.dedup();
    all
}

fn fold(text: &str) -> Zeroizing<String> {
    let lower = Zeroizing::new(text.to_lowercase());
    Zeroizing::new(lower.nfc().collect())
}
