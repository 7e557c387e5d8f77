//! Which key is for what.

use super::corpus::*;
use super::*;

#[test]
fn an_algorithm_is_the_keys_and_not_the_requests() {
    // The public key taken for a secret: the mix-up of CVE-2026-39999.
    let text = Key::shared(RSA.as_bytes(), &Algorithm::SHARED);
    assert!(text.is_ok(), "a text is as good a secret as any");
    let key = public(RSA_PSS, Algorithm::RsaPssSha512);
    assert!(key.check(Algorithm::HmacSha256).is_none());
    let (input, signature) = B25;
    for alg in ["hmac-sha512", "rsa-pss-sha512", "none", "HMAC-SHA256", ""] {
        let sample = signed(&format!("{input};alg=\"{alg}\""), signature);
        let verdict = sample.find().and_then(|found| found[0].verify(Some(&secret()), &lenient()));
        assert!(verdict.is_err(), "{alg}");
    }
}

#[test]
fn without_an_algorithm_the_key_has_exactly_one_for_the_form() {
    let (input, signature) = B25;
    let sample = signed(input, signature).one();
    assert_eq!(sample.verify(Some(&secret()), &lenient()), Ok(()));
    let only_sha512 = Key::of_secret(b"a secret of some length", &[Algorithm::HmacSha512]).unwrap();
    assert_eq!(sample.verify(Some(&only_sha512), &lenient()), Err(Failure::Mismatch));
    assert_eq!(sample.verify(None, &lenient()), Err(Failure::Mismatch));
}

#[test]
fn a_key_that_is_not_for_the_algorithm_takes_the_work_of_one_that_there_is_not() {
    let (input, signature) = B25;
    let unsaid = signed(input, signature).one();
    let said = signed(&format!("{input};alg=\"hmac-sha256\""), signature).one();
    let only_sha512 = Key::of_secret(b"a secret of some length", &[Algorithm::HmacSha512]).unwrap();
    let public = public(ED25519, Algorithm::Ed25519);
    for (name, sample, key, decoys) in [
        ("none", &said, None, 1),
        ("another algorithm", &said, Some(&only_sha512), 1),
        ("a public key", &said, Some(&public), 1),
        ("not said, and none for the form", &unsaid, Some(&only_sha512), 1),
        ("the wrong secret", &said, Some(&secret()), 0),
    ] {
        let before = super::key::decoys();
        let _ = sample.verify(key, &lenient());
        assert_eq!(super::key::decoys() - before, decoys, "{name}");
    }
}

#[test]
fn printed_keys_and_other_things_are_refused() {
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::STANDARD.decode(SECRET).unwrap();
    for secret in [SECRET.as_bytes(), &raw] {
        assert_eq!(Key::shared(secret, &Algorithm::SHARED).unwrap_err(), KeyError::Published);
    }
    for pem in [RSA, RSA_PSS, ECC_P256, ED25519] {
        assert_eq!(Key::public(pem, None).unwrap_err(), KeyError::Published);
    }
    assert_eq!(Key::shared(b"1234567", &Algorithm::SHARED).unwrap_err(), KeyError::Short);
    assert_eq!(Key::shared(b"12345678", &[]).unwrap_err(), KeyError::Algorithm);
    assert_eq!(Key::shared(b"12345678", &[Algorithm::Ed25519]).unwrap_err(), KeyError::Algorithm);
    assert_eq!(Key::public("hello", None).unwrap_err(), KeyError::Pem);
    let der = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----";
    assert_eq!(Key::public(der, None).unwrap_err(), KeyError::Algorithm);
    assert_eq!(Key::public(der, Some(Algorithm::HmacSha256)).unwrap_err(), KeyError::Algorithm);
}

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(format!("{:?}", secret()), "Key(hmac-sha256, hmac-sha384, hmac-sha512, ..)");
}
