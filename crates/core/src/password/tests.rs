//! What is accepted as a password, and that one is compared exactly as typed.

use proptest::prelude::*;

use super::*;
use crate::OsRandom;

fn judge(text: &str) -> Result<(), Refusal> {
    let rules = Rules { context: &["alice", "symbolon"] };
    rules.judge(text).map(|_| ())
}

#[test]
fn passwords_that_people_can_remember_are_accepted() {
    for text in [
        "open sesame, please",
        "correct horse battery staple",
        "alice loves her garden",
        "пароль из пятнадцати",
        "🦊🐢🐧🦉🐙🦀🐝🦋🐌🐞🦗🐬🐳🦈🐊",
        "a b a b a c a d e f",
        "   fifteen and spaces   ",
        "mnopmnopqrstuvwx and more",
        "ligatures are not folded \u{fb03}",
        &"sixteen and more, ".repeat(20),
    ] {
        assert_eq!(judge(text), Ok(()), "{text:?}");
    }
}

#[test]
fn each_refusal_tells_its_reason() {
    use Refusal::{Common, Context, Repetition, Sequence, TooLong, TooShort};
    for (text, reason) in [
        (&*"too long ".repeat(200), TooLong),
        ("", TooShort),
        ("fourteen chars", TooShort),
        ("1qaz2wsx3edc4rfv", Common),
        ("PasswordStandard", Common),
        ("ManchesterUnited", Common),
        ("aaaaaaaaaaaaaaaa", Repetition),
        ("passwordpassword", Repetition),
        ("alicealicealice", Repetition),
        ("aliceAliceALICEa", Repetition),
        ("abcdefghijklmnopq", Sequence),
        ("zyxwvutsrqponmlk", Sequence),
        ("mnbvcxzpoiuytrew", Sequence),
        ("aaaabbbbccccdddd", Sequence),
        ("7890123456789012", Sequence),
        ("alice@symbolon 2026", Context),
        ("alice-----------1", Context),
        ("symbolon1234567890", Context),
        ("Symbolon.Symbolon", Context),
    ] {
        assert_eq!(judge(text), Err(reason), "{text:?}");
    }
}

#[test]
fn a_code_point_counts_as_one_character_after_normalisation() {
    // Seven letters with a combining accent each are seven characters, not fourteen.
    assert_eq!(judge(&"e\u{301}a\u{301}".repeat(7)), Err(Refusal::TooShort));
}

#[test]
fn one_password_typed_in_two_ways_is_one_password() {
    let composed = PlainPassword::new("pass\u{e9} compos\u{e9} deux").unwrap();
    let decomposed = PlainPassword::new("passe\u{301} compose\u{301} deux").unwrap();
    let hash = PasswordHash::of(&composed, &OsRandom).unwrap();
    assert_eq!(hash.verify(&decomposed), Ok(true));
}

#[test]
fn a_password_is_compared_exactly_as_typed() {
    let typed = format!("{}\0 tail ", "x".repeat(72));
    let hash = PasswordHash::of(&PlainPassword::new(&typed).unwrap(), &OsRandom).unwrap();
    assert_eq!(hash.verify(&PlainPassword::new(&typed).unwrap()), Ok(true));
    for other in [
        typed.to_uppercase(),
        typed.trim_end().to_owned(),
        typed.replace('\0', ""),
        "x".repeat(72),
        format!("{}\0", "x".repeat(72)),
    ] {
        let other = PlainPassword::new(&other).unwrap();
        assert_eq!(hash.verify(&other), Ok(false));
    }
    assert_eq!(hash.verify(&PlainPassword::impossible()), Ok(false));
}

#[test]
fn the_stored_form_says_how_it_was_made() {
    let password = PlainPassword::new("open sesame, please").unwrap();
    let one = PasswordHash::of(&password, &OsRandom).unwrap();
    let two = PasswordHash::of(&password, &OsRandom).unwrap();
    assert!(one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(one != two, "a salt was used twice");
    assert!(!one.needs_rehash());
    for weaker in [
        one.as_str().replace("m=19456", "m=9216"),
        one.as_str().replace("t=2", "t=1"),
        one.as_str().replace("argon2id", "argon2i"),
        "not a hash".to_owned(),
    ] {
        assert!(PasswordHash::from_stored(&weaker).needs_rehash());
    }
    assert_eq!(PasswordHash::from_stored("not a hash").verify(&password), Err(HashError));
}

#[test]
fn a_decoy_is_like_any_other_hash_and_no_password_fits() {
    let decoy = PasswordHash::decoy(&OsRandom).unwrap();
    let password = PlainPassword::new("open sesame, please").unwrap();
    let real = PasswordHash::of(&password, &OsRandom).unwrap();
    assert!(!decoy.needs_rehash(), "comparing with it would be another amount of work");
    assert_eq!(decoy.as_str().len(), real.as_str().len());
    assert_eq!(decoy.verify(&password), Ok(false));
    assert_ne!(decoy.as_str(), PasswordHash::decoy(&OsRandom).unwrap().as_str());
}

#[test]
fn nothing_is_cut_off_and_nothing_is_printed() {
    assert!(PlainPassword::new(&"é".repeat(512)).is_ok());
    assert!(PlainPassword::new(&"é".repeat(513)).is_err());
    assert_eq!(format!("{:?}", PlainPassword::new("secret").unwrap()), "PlainPassword(..)");
}

proptest! {
    #[test]
    fn no_text_breaks_the_rules_engine(text in "\\PC{0,80}") {
        let verdict = judge(&text);
        prop_assert!(verdict != Err(Refusal::TooLong) || text.len() > 1000);
    }

    #[test]
    fn a_short_unit_repeated_is_always_refused(unit in "[a-z0-9]{1,7}", times in 15_usize..40) {
        prop_assert!(judge(&unit.repeat(times)).is_err());
    }

    #[test]
    fn random_letters_are_accepted_from_the_minimum_length_on(text in "[b-df-hj-np-tv-z]{20,64}") {
        prop_assume!(!text.contains("qrst"));
        let verdict = judge(&text);
        prop_assert!(verdict.is_ok(), "{text} {verdict:?}");
    }

    #[test]
    fn case_does_not_hide_a_common_password(flips in proptest::collection::vec(any::<bool>(), 16)) {
        let text: String = "manchesterunited"
            .chars()
            .zip(flips)
            .map(|(c, up)| if up { c.to_ascii_uppercase() } else { c })
            .collect();
        prop_assert_eq!(judge(&text), Err(Refusal::Common));
    }
}
