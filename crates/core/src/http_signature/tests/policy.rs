//! What a signature has to be like.

use super::corpus::*;
use super::*;
use crate::time::Timestamp;

fn judged(input: &str, policy: &Policy, now: i64) -> Result<Timestamp, Failure> {
    signed(input, "s=:AAAA:").one().check(policy, Timestamp::from_secs(now))
}

const WHOLE: &str = r#"s=("@method" "@target-uri");created=1618884473;keyid="k""#;

#[test]
fn method_path_and_query_have_to_be_signed_unless_said_otherwise() {
    let policy = Policy::default();
    assert!(judged(WHOLE, &policy, CREATED).is_ok());
    for (components, lacking) in [
        (r#""@method" "@path""#, "@query"),
        (r#""@method" "@query""#, "@path"),
        (r#""@request-target""#, "@method"),
        ("", "@method"),
    ] {
        let input = format!("s=({components});created=1618884473;keyid=\"k\"");
        assert_eq!(judged(&input, &policy, CREATED), Err(Failure::NotCovered(lacking.into())));
        assert!(judged(&input, &lenient(), CREATED).is_ok());
    }
}

#[test]
fn a_signature_without_a_signed_date_is_refused_whatever_the_policy() {
    let input = r#"s=("@method");keyid="k""#;
    assert_eq!(judged(input, &lenient(), CREATED), Err(Failure::NoDate));
    // The date may be a header.
    let input = r#"s=("date");keyid="k""#;
    assert!(judged(input, &lenient(), CREATED).is_ok());
}

#[test]
fn dates_are_near_in_both_directions_and_expiry_is_kept_to_the_second() {
    let policy = Policy::default();
    for (now, is_near) in [(-61, false), (-60, true), (60, true), (61, false)] {
        let dated = judged(WHOLE, &policy, CREATED + now).map(Timestamp::as_secs);
        assert_eq!(dated, if is_near { Ok(CREATED) } else { Err(Failure::Skewed) }, "{now}");
    }
    let expiring = format!("{WHOLE};expires={}", CREATED + 10);
    assert!(judged(&expiring, &policy, CREATED + 9).is_ok());
    assert_eq!(judged(&expiring, &policy, CREATED + 10), Err(Failure::Expired));
}

#[test]
fn times_at_the_ends_of_what_can_be_written_neither_wrap_nor_pass() {
    for created in ["999999999999999", "-999999999999999", "0"] {
        let input = format!(r#"s=("@method");created={created};keyid="k""#);
        assert_eq!(judged(&input, &lenient(), CREATED), Err(Failure::Skewed), "{created}");
    }
    for created in ["1618884473.0", "\"1618884473\"", "@1618884473", "?1"] {
        let input = format!(r#"s=("@method");created={created};keyid="k""#);
        let failure = signed(&input, "s=:AAAA:").find().unwrap_err();
        assert_eq!(failure, Failure::Malformed("type of a parameter"), "{created}");
    }
}

#[test]
fn a_wanted_tag_has_to_be_there() {
    let policy = Policy { tag: Some("shop".into()), ..Policy::default() };
    assert_eq!(judged(WHOLE, &policy, CREATED), Err(Failure::Tag));
    assert_eq!(judged(&format!("{WHOLE};tag=\"other\""), &policy, CREATED), Err(Failure::Tag));
    assert!(judged(&format!("{WHOLE};tag=\"shop\""), &policy, CREATED).is_ok());
}

#[test]
fn an_algorithm_that_is_not_taken_is_refused() {
    let policy = Policy { algorithms: vec![Algorithm::Ed25519], ..lenient() };
    let (input, signature) = B25;
    let said = signed(&format!("{input};alg=\"hmac-sha256\""), signature).one();
    let now = Timestamp::from_secs(CREATED);
    assert_eq!(said.check(&policy, now), Err(Failure::Algorithm));
    let unsaid = signed(input, signature).one();
    assert_eq!(unsaid.verify(Some(&secret()), &policy), Err(Failure::Mismatch));
}

#[test]
fn the_nonce_is_what_must_not_come_twice_or_else_all_that_was_signed() {
    let key = FingerprintKey::generate(&crate::OsRandom);
    let of = |(input, signature): (&str, &str)| key.of(&signed(input, signature).one());
    let (input, signature) = B21;
    assert_eq!(of(B21), of((&input.replace("created=1", "created=2"), signature)));
    assert_ne!(of(B21), of((&input.replace("b3k2", "b3k3"), signature)));
    assert_ne!(of(B21), of((&input.replace("test-key", "your-key"), signature)));
    let (input, signature) = B26;
    assert_ne!(of(B26), of((&input.replace("created=1", "created=2"), signature)));
    // Another signature over the same is the same use.
    assert_eq!(of(B26), of((input, &signature.replace("=:w", "=:x"))));
    // A nonce is not mistaken for a base.
    assert_ne!(
        key.of(&signed(B26.0, B26.1).one()),
        FingerprintKey::generate(&crate::OsRandom).of(&signed(B26.0, B26.1).one())
    );
}

#[test]
fn one_that_cannot_be_read_does_not_spoil_another() {
    let input = r#"bad=("x-missing");created=1;keyid="a", good=();created=1;keyid="b", alone=();created=1;keyid="c""#;
    let found = signed(input, "bad=:AAAA:, good=:AAAA:").find().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].key_id(), "b");
    let none = signed(r#"bad=("x-missing");keyid="a", worse=1"#, "bad=:AAAA:").find();
    assert_eq!(none.unwrap_err(), Failure::Absent("x-missing".into()));
    let many: Vec<_> = (0..5).map(|at| format!("s{at}=();keyid=\"k\"")).collect();
    let failure = signed(&many.join(", "), "s0=:AAAA:").find().unwrap_err();
    assert_eq!(failure, Failure::Malformed("more than four signatures"));
}
