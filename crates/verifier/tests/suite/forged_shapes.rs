//! Signatures, spellings and JSON that an attacker would write.

use serde_json::json;
use symbolon_verifier::{KeySet, MAX_TOKEN_BYTES, Verifier, VerifyError};

use crate::issuer::{AUDIENCE, ISSUER, Issuer, NOW, base64url, claims, with};
use crate::refusal::refused;

#[test]
fn key_of_another_issuer_under_our_key_id_is_refused() {
    let (ours, theirs) = (Issuer::es256(), Issuer::es256());
    refused(&ours, &theirs.token(&claims()), VerifyError::Signature);
}

#[test]
fn duplicate_members_are_refused() {
    let issuer = Issuer::es256();
    let (header, claims) = (issuer.header().to_string(), claims().to_string());

    let twice = claims.replacen('{', r#"{"aud":"profile","#, 1);
    refused(&issuer, &issuer.token_of(&header, twice), VerifyError::Claims);
    let nested = claims.replacen(r#""cart":{"#, r#""cart":1,"cart":{"#, 1);
    refused(&issuer, &issuer.token_of(&header, nested), VerifyError::Claims);
    let twice = header.replacen('{', r#"{"alg":"none","#, 1);
    refused(&issuer, &issuer.token_of(twice, &claims), VerifyError::Header);
}

#[test]
fn junk_in_place_of_objects_is_refused() {
    let issuer = Issuer::es256();
    let (header, claims) = (issuer.header().to_string(), claims().to_string());
    let bottomless = "[".repeat(20_000);

    for junk in [r#"["ES256","k1","at+jwt"]"#, "null", "{}", "{", "\u{feff}{}", &bottomless] {
        refused(&issuer, &issuer.token_of(junk, &claims), VerifyError::Header);
        refused(&issuer, &issuer.token_of(&header, junk), VerifyError::Claims);
    }
    let invalid_utf8 = issuer.token_of(&header, [b"{\"iss\":\"", &[0xff][..], b"\"}"].concat());
    refused(&issuer, &invalid_utf8, VerifyError::Claims);
    let nested = issuer.token_of(&header, issuer.token(&self::claims()));
    refused(&issuer, &nested, VerifyError::Claims);
}

#[test]
fn other_spellings_of_a_good_token_are_refused() {
    let issuer = Issuer::es256();
    let token = issuer.token(&claims());
    assert!(issuer.verifier().verify(&token, NOW).is_ok());

    // 64 bytes leave four trailing bits in the last character, which have to be zero.
    let (rest, last) = token.split_at(token.len() - 1);
    let trailing = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    let spellings = [
        format!("{rest}{trailing}"),
        format!("{token}="),
        format!("{token}=="),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{token}."),
        format!("{token}.AA"),
        format!("Bearer {token}"),
        token.replacen('.', "=.", 1),
        token.replacen('.', "..", 1),
    ];
    for spelling in spellings {
        refused(&issuer, &spelling, VerifyError::NotCompactJws);
    }
    for short in ["", ".", "..", "...", "a", "a.b", "eyJ.e30.A"] {
        refused(&issuer, short, VerifyError::NotCompactJws);
    }
}

#[test]
fn psychic_signatures_are_refused() {
    // The order of P-256 (SEC 2 2.4.2): r or s of 0 or n fits any key in a careless verifier.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let issuer = Issuer::es256();
    let input =
        format!("{}.{}", base64url(issuer.header().to_string()), base64url(claims().to_string()));
    for r in [[0; 32], ORDER] {
        for s in [[0; 32], ORDER] {
            let signature = base64url([r, s].concat());
            refused(&issuer, &format!("{input}.{signature}"), VerifyError::Signature);
        }
    }
    let der = base64url([0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00]);
    refused(&issuer, &format!("{input}.{der}"), VerifyError::Signature);
}

#[test]
fn large_token_is_refused_before_it_is_looked_at() {
    let issuer = Issuer::es256();
    refused(&issuer, &"a".repeat(1024 * 1024), VerifyError::TooLong);
    refused(&issuer, &".".repeat(1024 * 1024), VerifyError::TooLong);
    refused(&issuer, &"a".repeat(MAX_TOKEN_BYTES), VerifyError::NotCompactJws);

    let large = with(claims(), "session", json!({"cart": "x".repeat(1024 * 1024)}));
    refused(&issuer, &issuer.token(&large), VerifyError::TooLong);
}

#[test]
fn nothing_is_accepted_without_keys() {
    let verifier = Verifier::new(ISSUER, AUDIENCE, KeySet::default());
    let token = Issuer::es256().token(&claims());
    assert_eq!(verifier.verify(&token, NOW), Err(VerifyError::UnknownKey));
}
