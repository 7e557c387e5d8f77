//! Digests of bodies.

use super::corpus::*;
use super::*;

fn digest(components: &str, headers: &[(&str, &str)]) -> Result<Option<BodyDigest>, Failure> {
    let input = format!("s=({components});created=1;keyid=\"k\"");
    let mut sample = Sample::new("POST", "/", "example.com")
        .with("signature-input", input)
        .with("signature", "s=:AAAA:");
    for (name, value) in headers {
        sample = sample.with(name, value);
    }
    let signature = sample.one();
    sample.ask(|request| signature.body_digest(request))
}

/// RFC 9530 appendix B, of `{"hello": "world"}` and a line feed.
const SHA_256: &str = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
/// Of APISIX's documents.
const OLD: &str = "SHA-256=78qzJuLwSpZ8HacsTdFCQJWxzPMOf8bYctRk2ySLpS8=";

#[test]
fn published_digests_are_of_their_bodies_however_these_come() {
    let rfc = digest("\"content-digest\"", &[("content-digest", DIGEST)]).unwrap().unwrap();
    assert!(rfc.is_of(BODY) && !rfc.is_of(b"") && !rfc.is_of(br#"{"hello": "World"}"#));
    let mut pieces = rfc.check();
    BODY.chunks(3).for_each(|piece| pieces.update(piece));
    assert_eq!(pieces.finish(), Ok(()));
    let mut short = rfc.check();
    short.update(&BODY[1..]);
    assert_eq!(short.finish(), Err(Failure::DigestMismatch));
    let with_line = digest("\"content-digest\"", &[("content-digest", SHA_256)]).unwrap().unwrap();
    assert!(with_line.is_of(b"{\"hello\": \"world\"}\n"));
    let old = digest("\"digest\"", &[("digest", OLD)]).unwrap().unwrap();
    assert!(old.is_of(br#"{"name": "world"}"#));
}

#[test]
fn a_digest_that_is_not_signed_says_nothing() {
    assert_eq!(digest("\"@method\"", &[("content-digest", DIGEST), ("digest", OLD)]), Ok(None));
}

#[test]
fn all_that_count_have_to_fit_and_one_has_to_count() {
    let both = format!("{DIGEST}, md5=:AAAA:, {SHA_256}");
    let contradicting = digest("\"content-digest\"", &[("content-digest", &both)]);
    assert!(!contradicting.unwrap().unwrap().is_of(BODY));
    let part = digest("\"content-digest\";key=\"sha-512\"", &[("content-digest", &both)]);
    assert!(part.unwrap().unwrap().is_of(BODY), "only the signed part counts");
    let bad = [
        "md5=:AAAA:",
        "sha-256=:AAAA:",
        "sha-256=abc",
        "sha-256",
        "sha-256=(:AAAA:)",
        "SHA-256=:AAAA:",
        "",
        // RFC 9530 prints this one with a padding too many.
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg==:",
    ];
    for value in bad {
        let failure = digest("\"content-digest\"", &[("content-digest", value)]).unwrap_err();
        assert_eq!(failure, Failure::MalformedDigest, "{value}");
    }
    for value in ["MD5=AAAA", "SHA-256=", "SHA-256=AAAA", "SHA-256", "", "SHA-256=!"] {
        let failure = digest("\"digest\"", &[("digest", value)]).unwrap_err();
        assert_eq!(failure, Failure::MalformedDigest, "{value}");
    }
    let several = format!("md5=AAAA,{OLD}");
    assert!(digest("\"digest\"", &[("digest", &several)]).unwrap().is_some());
}
