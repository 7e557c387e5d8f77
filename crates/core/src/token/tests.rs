//! What a token promises, tried.

use proptest::prelude::*;

use super::*;

struct Fixed([u8; 32]);

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.0);
    }
}

#[test]
fn checksum_is_the_ieee_one() {
    assert_eq!(checksum::crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn no_bit_of_chance_is_lost() {
    let zero = PlainToken::generate(TokenKind::Session, &Fixed([0; 32]));
    assert!(zero.reveal().starts_with(&format!("syms_{}", "0".repeat(43))));
    for bit in 0..256 {
        let mut secret = [0; 32];
        secret[bit / 8] = 1 << (bit % 8);
        let token = PlainToken::generate(TokenKind::Session, &Fixed(secret));
        assert_ne!(token.reveal(), zero.reveal(), "bit {bit}");
    }
}

#[test]
fn a_token_never_prints_itself() {
    let token = PlainToken::generate(TokenKind::Session, &crate::OsRandom);
    assert_eq!(format!("{token:?}"), "PlainToken(..)");
}

#[test]
fn a_token_of_one_kind_is_refused_as_another() {
    let token = PlainToken::generate(TokenKind::ApiKey, &crate::OsRandom);
    let presented = token.reveal().as_bytes();
    assert_eq!(TokenHash::of_presented(TokenKind::ApiKey, presented), Ok(token.hash()));
    assert_eq!(TokenHash::of_presented(TokenKind::Session, presented), Err(MalformedToken));
}

proptest! {
    #[test]
    fn every_generated_token_is_accepted_and_opaque(secret: [u8; 32]) {
        let token = PlainToken::generate(TokenKind::Session, &Fixed(secret));
        let text = token.reveal();
        prop_assert_eq!(text.len(), TokenKind::Session.token_len());
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        prop_assert_eq!(TokenHash::of_presented(TokenKind::Session, text.as_bytes()), Ok(token.hash()));
    }

    #[test]
    fn one_changed_character_is_refused(secret: [u8; 32], at in 0_usize..54, with in any::<u8>()) {
        let token = PlainToken::generate(TokenKind::Session, &Fixed(secret));
        let mut text = token.reveal().as_bytes().to_vec();
        prop_assume!(text[at] != with);
        text[at] = with;
        prop_assert_eq!(TokenHash::of_presented(TokenKind::Session, &text), Err(MalformedToken));
    }

    #[test]
    fn garbage_is_refused(garbage: Vec<u8>) {
        prop_assert_eq!(TokenHash::of_presented(TokenKind::Session, &garbage), Err(MalformedToken));
    }
}
