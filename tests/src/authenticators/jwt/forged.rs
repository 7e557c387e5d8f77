//! Tokens that are wrong in form or signature: 401, never 5xx, and nothing at the service.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::scene::{Scene, TOKENS, robot_claims};
use super::signer::{SECRET, Signer, hs256, hs256_of, now};
use crate::harness::http::Request;

#[test]
fn garbage_is_an_invalid_token() {
    let scene = Scene::new();
    let jwe =
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA";
    let cases = [
        ("garbage", "malformed"),
        (".", "malformed"),
        ("..", "malformed_header"),
        ("a.b", "malformed"),
        ("a.b.c", "malformed"),
        ("a.b.c.d", "malformed"),
        ("eyJhbGciOiJub25lIn0.e30.", "unsigned"),
        ("eyJhbGciOiJOb05lIn0.e30.AAAA", "unsigned"),
        (jwe, "encrypted"),
    ];
    for (token, expected) in cases {
        assert_eq!(scene.refused(token), expected, "{token}");
    }
    let long = hs256(SECRET.as_bytes(), &json!({ "iss": "robot-hs", "x": "x".repeat(16_000) }));
    assert_eq!(scene.refused(&long), "too_long");
    // Bytes that are no text.
    let request = Request::get(TOKENS).with("Authorization", "Bearer é.é.é");
    scene.stage.exchange(&request).expect(401);
    for value in ["Bearer", "Bearer ", "bearer"] {
        let request = Request::get(TOKENS).with("Authorization", value);
        scene.stage.exchange(&request).expect(401);
    }
    let request = Request::get(TOKENS)
        .with("Authorization", &format!("Bearer {}", Scene::robot_token()))
        .with("Authorization", &format!("Bearer {}", Scene::robot_token()));
    scene.stage.exchange(&request).expect(401);
    assert_eq!(scene.stage.api.hits(), 0);
}

#[test]
fn guesses_of_a_signature_are_charged_and_what_has_run_out_is_not() {
    let scene = Scene::new();
    let claims = robot_claims();
    let run_out = hs256(SECRET.as_bytes(), &json!({ "iss": "robot-hs", "exp": now() - 600 }));
    let foreign = Signer::new("1").token(&json!({ "iss": "https://other.example" }));
    for _ in 0..60 {
        assert_eq!(scene.refused(&run_out), "expired");
        scene.show(&foreign).expect(401);
    }
    let guess = |n: u32| scene.show(&hs256(format!("guess number {n}").as_bytes(), &claims)).status;
    let statuses: Vec<u16> = (0..120).map(guess).collect();
    assert!(statuses[..100].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[100..].contains(&429), "{statuses:?}");
    scene.show(&Scene::robot_token()).expect(200);
}

#[test]
fn wrong_lengths_of_a_signature_are_wrong_signatures() {
    let scene = Scene::new();
    let es = scene.robot.token(&json!({ "iss": "robot-es", "exp": now() + 60 }));
    for token in [es, Scene::robot_token()] {
        let (input, signature) = token.rsplit_once('.').unwrap();
        let right = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for length in [1, 31, 32, 33, 63, 64, 65, 96, 132, 256, 512, 1024] {
            let mut other: Vec<u8> = right.iter().copied().cycle().take(length).collect();
            if other == right {
                other[0] ^= 1;
            }
            let forged = format!("{input}.{}", URL_SAFE_NO_PAD.encode(&other));
            assert_eq!(scene.refused(&forged), "bad_signature", "{length}");
            let zeros = format!("{input}.{}", URL_SAFE_NO_PAD.encode(vec![0; length]));
            assert_eq!(scene.refused(&zeros), "bad_signature", "{length} zeros");
        }
    }
}

#[test]
fn every_truncated_and_re_encoded_token_is_refused() {
    let scene = Scene::new();
    let token = Scene::robot_token();
    scene.show(&token).expect(200);
    for length in 1..token.len() {
        scene.refused(&token[..length]);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let again = |at: usize, text: String| {
        let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        parts[at] = text;
        parts.join(".")
    };
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    let forged = [
        format!("{token}="),
        format!("{token}=="),
        token.replace('.', "%2E"),
        token.to_uppercase(),
        again(0, URL_SAFE_NO_PAD.encode(header.replace(',', ", "))),
        again(0, format!("{}=", parts[0])),
        again(2, parts[2].replace(['-', '_'], "+") + "A"),
        [parts[1], parts[0], parts[2]].join("."),
        format!("{token}.{}", parts[2]),
    ];
    for token in forged {
        assert!(!scene.refused(&token).is_empty());
    }
    // Parts of two good tokens are no token.
    let other = hs256(SECRET.as_bytes(), &json!({ "iss": "robot-hs", "exp": now() + 61 }));
    let mixed = [parts[0], parts[1], other.split('.').nth(2).unwrap()].join(".");
    assert_eq!(scene.refused(&mixed), "bad_signature");
}

#[test]
fn the_token_chooses_no_algorithm_and_brings_no_key() {
    let scene = Scene::new();
    let claims = json!({ "iss": "robot-es", "exp": now() + 60 });
    // The public key, which everybody may know, as a secret (CVE-2026-39999).
    for secret in [scene.robot.pem(), scene.robot.pem().trim().to_owned()] {
        assert_eq!(scene.refused(&hs256(secret.as_bytes(), &claims)), "wrong_algorithm");
        let lying = hs256_of(secret.as_bytes(), r#"{"alg":"ES256"}"#, &claims.to_string());
        assert_eq!(scene.refused(&lying), "bad_signature");
    }
    let stranger = Signer::new("stranger");
    let sign = |header: Value| stranger.sign(&header.to_string(), &claims.to_string());
    let cases = [
        (json!({ "alg": "ES256" }), "bad_signature"),
        (json!({ "alg": "RS256" }), "wrong_algorithm"),
        (json!({ "alg": "ES256", "jwk": stranger.jwk() }), "embedded_key"),
        (json!({ "alg": "ES256", "jku": scene.server.keys_at() }), "embedded_key"),
        (json!({ "alg": "ES256", "x5u": scene.server.keys_at() }), "embedded_key"),
        (json!({ "alg": "ES256", "x5c": ["AAAA"] }), "embedded_key"),
        (json!({ "alg": "ES256", "crit": ["exp"] }), "critical_extension"),
        (json!({ "alg": "ES256", "b64": false }), "critical_extension"),
        (json!({ "alg": ["ES256"] }), "malformed_header"),
        (json!({ "alg": "ES256", "kid": "../../dev/null" }), "bad_signature"),
        (json!({ "alg": "ES256", "kid": "' OR 1=1 --" }), "bad_signature"),
        (json!({}), "malformed_header"),
    ];
    for (header, expected) in cases {
        assert_eq!(scene.refused(&sign(header.clone())), expected, "{header}");
    }
    let before = scene.server.hits();
    assert!(before <= 1, "nothing of a token is fetched");
}

#[test]
fn names_that_stand_twice_are_refused() {
    let scene = Scene::new();
    let (secret, exp) = (SECRET.as_bytes(), now() + 60);
    let header = r#"{"alg":"HS256"}"#;
    let cases = [
        (r#"{"alg":"HS256","alg":"HS256"}"#, json!({ "iss": "robot-hs", "exp": exp }).to_string()),
        (header, format!(r#"{{"iss":"robot-hs","exp":1,"exp":{exp}}}"#)),
        (header, format!(r#"{{"iss":"robot-hs","\u0069ss":"other","exp":{exp}}}"#)),
        (header, format!(r#"[{{"iss":"robot-hs","exp":{exp}}}]"#)),
    ];
    for (header, claims) in cases {
        let reason = scene.refused(&hs256_of(secret, header, &claims));
        assert!(["malformed_header", "malformed_claims"].contains(&&*reason), "{claims}");
    }
    scene.show(&hs256_of(secret, header, &robot_claims().to_string())).expect(200);
}
