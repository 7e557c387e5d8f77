//! Tokens that an attacker would write. Every one of them is refused, for its own reason.

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use symbolon_verifier::{Algorithm, KeySet, MAX_TOKEN_BYTES, Verifier, VerifyError};

use crate::issuer::{AUDIENCE, ISSUER, Issuer, NOW, base64url, claims, with, without};

#[track_caller]
fn refused(issuer: &Issuer, token: &str, why: VerifyError) {
    assert_eq!(
        issuer.verifier().verify(token, NOW),
        Err(why),
        "{token:.200}"
    );
}

#[track_caller]
fn refused_header(header: &Value, why: VerifyError) {
    let issuer = Issuer::es256();
    refused(
        &issuer,
        &issuer.token_of(header.to_string(), claims().to_string()),
        why,
    );
}

#[track_caller]
fn refused_claims(claims: &Value, why: VerifyError) {
    let issuer = Issuer::es256();
    refused(&issuer, &issuer.token(claims), why);
}

#[test]
fn unsigned_token_is_refused() {
    let issuer = Issuer::es256();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(issuer.header(), "alg", json!(alg)).to_string();
        let input = format!("{}.{}", base64url(header), base64url(claims().to_string()));
        refused(&issuer, &format!("{input}."), VerifyError::NotCompactJws);
        refused(&issuer, &format!("{input}.AA"), VerifyError::Algorithm);
    }
}

#[test]
fn public_key_used_as_hmac_secret_is_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let issuer = Issuer::new(algorithm, "k1");
        let header = with(issuer.header(), "alg", json!("HS256")).to_string();
        let input = format!("{}.{}", base64url(header), base64url(claims().to_string()));
        for secret in [issuer.jwks(), serde_json::to_vec(&issuer.jwk()).unwrap()] {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            let signature = base64url(hmac::sign(&key, input.as_bytes()));
            refused(
                &issuer,
                &format!("{input}.{signature}"),
                VerifyError::Algorithm,
            );
        }
    }
}

#[test]
fn algorithm_of_another_key_is_refused() {
    let issuer = Issuer::es256();
    for alg in ["EdDSA", "RS256", "ES384", "es256", "PS256", "ES256K"] {
        refused_header(
            &with(issuer.header(), "alg", json!(alg)),
            VerifyError::Algorithm,
        );
    }
}

#[test]
fn key_of_an_algorithm_the_service_does_not_accept_is_refused() {
    let issuer = Issuer::new(Algorithm::EdDsa, "k1");
    let token = issuer.token(&claims());
    let at = |accepted: &[Algorithm]| {
        issuer
            .verifier()
            .with_algorithms(accepted)
            .verify(&token, NOW)
    };
    assert!(at(&[Algorithm::Es256, Algorithm::EdDsa]).is_ok());
    assert_eq!(
        at(&[Algorithm::Es256, Algorithm::Rs256]),
        Err(VerifyError::Algorithm)
    );
    assert_eq!(at(&[]), Err(VerifyError::Algorithm));
}

#[test]
fn unknown_or_missing_key_id_is_refused() {
    let header = Issuer::es256().header();
    for kid in ["k2", "K1", "k1 ", "../../../../dev/null", "' OR 1=1 --", ""] {
        refused_header(
            &with(header.clone(), "kid", json!(kid)),
            VerifyError::UnknownKey,
        );
    }
    refused_header(&without(header.clone(), "kid"), VerifyError::Header);
    refused_header(&with(header, "kid", json!(["k1"])), VerifyError::Header);
}

#[test]
fn key_of_another_issuer_under_our_key_id_is_refused() {
    let (ours, theirs) = (Issuer::es256(), Issuer::es256());
    refused(&ours, &theirs.token(&claims()), VerifyError::Signature);
}

#[test]
fn header_that_brings_its_own_key_is_refused() {
    let issuer = Issuer::es256();
    for (name, value) in [
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("x5u", json!("http://127.0.0.1:1/chain.pem")),
        ("jwk", serde_json::to_value(issuer.jwk()).unwrap()),
        ("x5c", json!(["MIIB"])),
        ("x5t#S256", json!("AA")),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("p2c", json!(2_147_483_647)),
    ] {
        refused_header(&with(issuer.header(), name, value), VerifyError::Header);
    }
}

#[test]
fn token_of_another_type_is_refused() {
    let header = Issuer::es256().header();
    for typ in [
        "JWT",
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "text/at+jwt",
        "at+jwt ",
        "",
    ] {
        refused_header(
            &with(header.clone(), "typ", json!(typ)),
            VerifyError::TokenType,
        );
    }
    refused_header(&without(header, "typ"), VerifyError::TokenType);
}

#[test]
fn type_is_compared_without_case_and_prefix() {
    let issuer = Issuer::es256();
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
    ] {
        let header = with(issuer.header(), "typ", json!(typ)).to_string();
        let token = issuer.token_of(header, claims().to_string());
        assert!(issuer.verifier().verify(&token, NOW).is_ok(), "{typ}");
    }
}

#[test]
fn token_for_another_service_is_refused() {
    for audience in ["profile", "Orders", "orders ", ""] {
        refused_claims(
            &with(claims(), "aud", json!(audience)),
            VerifyError::Audience,
        );
    }
    for audience in [json!(["orders"]), json!(["orders", "profile"]), json!(null)] {
        refused_claims(&with(claims(), "aud", audience), VerifyError::Claims);
    }
}

#[test]
fn token_of_another_issuer_is_refused() {
    for issuer in [&format!("{ISSUER}/"), "https://shop.example", ""] {
        refused_claims(&with(claims(), "iss", json!(issuer)), VerifyError::Issuer);
    }
}

#[test]
fn token_is_valid_in_its_time_only() {
    let issuer = Issuer::es256();
    let token = issuer.token(&claims());
    let at = |now| issuer.verifier().verify(&token, now).map(|_| ());

    assert_eq!(at(NOW - 6), Err(VerifyError::NotYetValid));
    assert_eq!(at(NOW - 5), Ok(()));
    assert_eq!(at(NOW + 64), Ok(()));
    assert_eq!(at(NOW + 65), Err(VerifyError::Expired));
    assert_eq!(at(i64::MAX), Err(VerifyError::Expired));
    assert_eq!(at(i64::MIN), Err(VerifyError::NotYetValid));
}

#[test]
fn leeway_is_capped() {
    let issuer = Issuer::es256();
    let verifier = issuer.verifier().with_leeway(std::time::Duration::MAX);
    let token = issuer.token(&claims());
    assert!(verifier.verify(&token, NOW + 119).is_ok());
    assert_eq!(
        verifier.verify(&token, NOW + 120),
        Err(VerifyError::Expired)
    );
}

#[test]
fn lifetime_of_a_session_is_not_that_of_an_internal_token() {
    refused_claims(
        &with(claims(), "exp", json!(NOW + 601)),
        VerifyError::Lifetime,
    );
    refused_claims(
        &with(claims(), "exp", json!(i64::MAX)),
        VerifyError::Lifetime,
    );
    refused_claims(
        &with(claims(), "iat", json!(i64::MIN)),
        VerifyError::Lifetime,
    );
    refused_claims(&with(claims(), "exp", json!(NOW)), VerifyError::Lifetime);
}

#[test]
fn times_that_are_not_whole_seconds_are_refused() {
    for exp in [
        json!("1800000060"),
        json!(1.8e9),
        json!(null),
        json!(u64::MAX),
        json!([NOW]),
    ] {
        refused_claims(&with(claims(), "exp", exp), VerifyError::Claims);
    }
}

#[test]
fn not_before_is_respected() {
    refused_claims(
        &with(claims(), "nbf", json!(NOW + 6)),
        VerifyError::NotYetValid,
    );
    refused_claims(&with(claims(), "nbf", json!("soon")), VerifyError::Claims);
}

#[test]
fn missing_claim_is_refused() {
    for name in ["iss", "sub", "aud", "exp", "iat", "jti"] {
        refused_claims(&without(claims(), name), VerifyError::Claims);
    }
}

#[test]
fn duplicate_members_are_refused() {
    let issuer = Issuer::es256();
    let (header, claims) = (issuer.header().to_string(), claims().to_string());

    let twice = claims.replacen('{', r#"{"aud":"profile","#, 1);
    refused(
        &issuer,
        &issuer.token_of(&header, twice),
        VerifyError::Claims,
    );
    let nested = claims.replacen(r#""cart":{"#, r#""cart":1,"cart":{"#, 1);
    refused(
        &issuer,
        &issuer.token_of(&header, nested),
        VerifyError::Claims,
    );
    let twice = header.replacen('{', r#"{"alg":"none","#, 1);
    refused(
        &issuer,
        &issuer.token_of(twice, &claims),
        VerifyError::Header,
    );
}

#[test]
fn junk_in_place_of_objects_is_refused() {
    let issuer = Issuer::es256();
    let (header, claims) = (issuer.header().to_string(), claims().to_string());
    let bottomless = "[".repeat(20_000);

    for junk in [
        r#"["ES256","k1","at+jwt"]"#,
        "null",
        "{}",
        "{",
        "\u{feff}{}",
        &bottomless,
    ] {
        refused(
            &issuer,
            &issuer.token_of(junk, &claims),
            VerifyError::Header,
        );
        refused(
            &issuer,
            &issuer.token_of(&header, junk),
            VerifyError::Claims,
        );
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
    let input = format!(
        "{}.{}",
        base64url(issuer.header().to_string()),
        base64url(claims().to_string())
    );
    for r in [[0; 32], ORDER] {
        for s in [[0; 32], ORDER] {
            let signature = base64url([r, s].concat());
            refused(
                &issuer,
                &format!("{input}.{signature}"),
                VerifyError::Signature,
            );
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
    refused(
        &issuer,
        &"a".repeat(MAX_TOKEN_BYTES),
        VerifyError::NotCompactJws,
    );

    let large = with(
        claims(),
        "session",
        json!({"cart": "x".repeat(1024 * 1024)}),
    );
    refused(&issuer, &issuer.token(&large), VerifyError::TooLong);
}

#[test]
fn nothing_is_accepted_without_keys() {
    let verifier = Verifier::new(ISSUER, AUDIENCE, KeySet::default());
    let token = Issuer::es256().token(&claims());
    assert_eq!(verifier.verify(&token, NOW), Err(VerifyError::UnknownKey));
}
