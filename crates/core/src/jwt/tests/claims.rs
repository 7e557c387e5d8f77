//! What a signed token has to say.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::time::Timestamp;

fn expected() -> Expected {
    Expected {
        issuer: Some("https://issuer.example".into()),
        audience: vec!["shop".into(), "https://shop.example".into()],
        audience_may_be_missing: false,
        types: vec!["JWT".into(), "at+jwt".into()],
        leeway: Duration::from_secs(5),
        max_lifetime: None,
    }
}

fn good() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "shop", "sub": "alice",
        "exp": NOW + 60, "nbf": NOW, "iat": NOW,
    })
}

/// The good claims, one of them changed or, with null, taken away.
fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

fn judge(expected: &Expected, header: &Value, claims: &Value) -> Result<Timestamp, JwtError> {
    let signer = Signer::new(Algorithm::Hs256);
    let token = signer.token(header, claims);
    let verified = Unverified::parse(&token).unwrap().verify(&signer.key()).unwrap();
    expected.check(verified, Timestamp::from_secs(NOW)).map(|(_, until)| until)
}

fn outcome(claims: &Value) -> Result<(), JwtError> {
    judge(&expected(), &json!({ "alg": "HS256" }), claims).map(drop)
}

#[test]
fn good_token_counts_until_its_expiry_and_the_leeway() {
    let until = judge(&expected(), &json!({ "alg": "HS256" }), &good()).unwrap();
    assert_eq!(until, Timestamp::from_secs(NOW + 65));
}

#[test]
fn each_claim_is_checked() {
    use JwtError::{Claims, Expired, Lifetime, NotYetValid, UnknownIssuer, WrongAudience};
    let cases = [
        ("iss", Value::Null, Err(UnknownIssuer)),
        ("iss", json!("https://issuer.example/"), Err(UnknownIssuer)),
        ("iss", json!(["https://issuer.example"]), Err(UnknownIssuer)),
        ("aud", Value::Null, Err(WrongAudience)),
        ("aud", json!("orders"), Err(WrongAudience)),
        ("aud", json!(""), Err(WrongAudience)),
        ("aud", json!([]), Err(WrongAudience)),
        ("aud", json!(["orders", "shop"]), Ok(())),
        ("aud", json!("https://shop.example"), Ok(())),
        ("aud", json!(["shop", 1]), Err(Claims)),
        ("aud", json!({ "shop": 1 }), Err(Claims)),
        ("exp", Value::Null, Err(Claims)),
        ("exp", json!("1780000060"), Err(Claims)),
        ("exp", json!(true), Err(Claims)),
        ("exp", json!(-1), Err(Claims)),
        ("exp", json!(1e300), Err(Claims)),
        ("exp", json!(NOW - 4), Err(Lifetime)),
        ("exp", json!(NOW - 5), Err(Expired)),
        ("exp", json!(1_780_000_060.5), Ok(())),
        ("nbf", Value::Null, Ok(())),
        ("nbf", json!(NOW + 5), Ok(())),
        ("nbf", json!(NOW + 6), Err(NotYetValid)),
        ("nbf", json!("soon"), Err(Claims)),
        ("iat", Value::Null, Ok(())),
        ("iat", json!(NOW + 6), Err(NotYetValid)),
        ("iat", json!([]), Err(Claims)),
        ("iat", json!(NOW + 60), Err(NotYetValid)),
    ];
    for (name, value, expected) in cases {
        assert_eq!(outcome(&with(name, value.clone())), expected, "{name}: {value}");
    }
    // Inside the leeway, without a word about when it was issued.
    let mut late = with("iat", Value::Null);
    late["exp"] = json!(NOW - 4);
    assert_eq!(outcome(&late), Ok(()));
}

#[test]
fn type_is_checked_and_none_counts_as_jwt() {
    let type_of = |typ: Value| {
        let mut header = json!({ "alg": "HS256" });
        if !typ.is_null() {
            header["typ"] = typ;
        }
        judge(&expected(), &header, &good()).map(drop)
    };
    for good in [Value::Null, json!("JWT"), json!("jwt"), json!("at+JWT"), json!("application/jwt")]
    {
        assert_eq!(type_of(good.clone()), Ok(()), "{good}");
    }
    for bad in ["", "id+jwt", "logout+jwt", "dpop+jwt", "client+jwt", "text/JWT", "application/"] {
        assert_eq!(type_of(json!(bad)), Err(JwtError::WrongType), "{bad}");
    }
    let strict = Expected { types: vec!["at+jwt".into()], ..expected() };
    let header = json!({ "alg": "HS256" });
    assert_eq!(judge(&strict, &header, &good()).map(drop), Err(JwtError::WrongType));
}

#[test]
fn lifetime_is_bounded_where_that_was_asked_for() {
    let bounded = Expected { max_lifetime: Some(Duration::from_mins(1)), ..expected() };
    let judge = |claims: &Value| judge(&bounded, &json!({ "alg": "HS256" }), claims).map(drop);
    assert_eq!(judge(&good()), Ok(()));
    assert_eq!(judge(&with("exp", json!(NOW + 61))), Err(JwtError::Lifetime));
    assert_eq!(judge(&with("iat", json!(NOW - 1))), Err(JwtError::Lifetime));
    let mut silent = with("iat", Value::Null);
    assert_eq!(judge(&silent), Ok(()));
    silent["exp"] = json!(NOW + 66);
    assert_eq!(judge(&silent), Err(JwtError::Lifetime));
}

#[test]
fn audience_may_be_missing_where_that_was_said() {
    let loose = Expected { audience_may_be_missing: true, issuer: None, ..expected() };
    let judge = |claims: &Value| judge(&loose, &json!({ "alg": "HS256" }), claims).map(drop);
    assert_eq!(judge(&with("aud", Value::Null)), Ok(()));
    assert_eq!(judge(&with("aud", json!("orders"))), Err(JwtError::WrongAudience));
}

#[test]
fn claims_are_found_by_path() {
    let Value::Object(members) = json!({
        "realm_access": { "roles": ["admin", 7, "customer"] },
        "https://a.example/roles": ["dotted"],
        "a.b": { "c.d": { "e": "dotted" } },
        "a": { "b": { "c": { "d": { "e": "deep" } } } },
        "realm_access.roles": ["root"],
        "address.city": "literal",
        "https://a": { "example/roles": ["inside"] },
        "cognito:groups": ["whole"],
        "cognito": { "x:y": "inside" },
        "scope": "read  write",
        "scp": ["read", "write"],
        "empty": "",
    }) else {
        panic!("an object")
    };
    let claims = Claims::new(members);
    assert_eq!(claims.texts("realm_access.roles"), ["admin", "customer"]);
    assert_eq!(claims.texts("https://a.example/roles"), ["dotted"]);
    assert_eq!(claims.texts("cognito:groups"), ["whole"]);
    assert_eq!(claims.text("a.b.c.d.e"), Some("deep"));
    assert_eq!(claims.words("scope"), ["read", "write"]);
    assert_eq!(claims.words("scp"), ["read", "write"]);
    for missing in [
        "",
        ".",
        "realm_access",
        "realm_access.roles.0",
        "scope.x",
        "empty",
        "a.b.",
        // A name with a dot stands in for nothing.
        "address.city",
        "cognito.x:y",
    ] {
        assert_eq!(claims.texts(missing), Vec::<&str>::new(), "{missing}");
    }
}

#[test]
fn what_is_told_can_stand_in_a_challenge() {
    // RFC 6750 3: %x20-21 / %x23-5B / %x5D-7E.
    for error in [JwtError::Critical, JwtError::Signature, JwtError::Lifetime, JwtError::Claims] {
        let text = error.to_string();
        assert!(text.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)));
    }
}
