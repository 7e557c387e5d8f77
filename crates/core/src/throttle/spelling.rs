//! One spelling for all that somebody else may take for the same name.
//!
//! A directory folds what it compares (RFC 4518 section 2): full width and half width, case, runs
//! of spaces, characters that are not seen. Each spelling that reached the same entry under another
//! budget would be as many guesses again. So budgets fold at least as much as directories do; two
//! people whose names differ in an accent alone share one, and wait a moment for each other.

use unicode_normalization::UnicodeNormalization as _;

/// The spelling of a name under which attempts are counted. Good for nothing else: two names of
/// one spelling may be two people.
pub fn one_spelling(typed: &str) -> String {
    let plain: String = typed
        .nfkd()
        .filter(|character| !is_overlooked(*character))
        // First up, then down: so `ß` is `ss`, and all sigmas are one.
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What RFC 4518 section 2.2 maps to nothing, and accents, which some directories overlook.
const fn is_overlooked(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{6dd}' | '\u{70f}' | '\u{1806}'
        | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffc}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_directory_takes_for_one_name_is_one() {
        let rows: &[(&str, &[&str])] = &[
            ("alice", &["Alice", " alice\t", "ａlice", "ⓐlice", "𝐚𝒍𝓲𝔠𝕖", "al\u{ad}ice", "àlicé"]),
            ("alice", &["a\u{200d}lice", "alice\u{fe0f}", "a\u{301}lice"]),
            ("john smith", &["John  Smith", "john\u{a0}smith", "\u{3000}john\u{2003} smith "]),
            ("strasse", &["STRASSE", "straße", "Stra\u{17f}se"]),
            ("σας", &["ΣΑΣ", "σασ"]),
        ];
        for (name, spellings) in rows {
            for spelling in *spellings {
                assert_eq!(one_spelling(spelling), one_spelling(name), "{spelling:?}");
            }
        }
        assert_eq!(one_spelling("alice@example.test"), "alice@example.test");
        for (one, other) in [("alice", "alicia"), ("a b", "ab"), ("", "a"), ("аlice", "alice")] {
            assert_ne!(one_spelling(one), one_spelling(other));
        }
    }
}
