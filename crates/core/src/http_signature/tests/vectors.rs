//! What RFC 9421 prints: the signature bases byte for byte, and the signatures under its keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::corpus::*;
use super::*;
use crate::time::Timestamp;

/// Checks it as a whole, a second after it was made.
fn judged(sample: &Sample, key: &Key) -> Result<(), Failure> {
    let signature = sample.one();
    let now = Timestamp::from_secs(CREATED + 1);
    signature.check(&lenient(), now)?;
    signature.verify(Some(key), &lenient())
}

#[test]
fn the_bases_of_b_2_are_the_printed_ones() {
    let rows = [
        (
            B21,
            r#""@signature-params": ();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#.to_owned(),
        ),
        (
            B22,
            format!(
                "\"@authority\": example.com\n\"content-digest\": {DIGEST}\n{}",
                "\"@query-param\";name=\"Pet\": dog\n\"@signature-params\": (\"@authority\" \
                 \"content-digest\" \"@query-param\";name=\"Pet\");created=1618884473;\
                 keyid=\"test-key-rsa-pss\";tag=\"header-example\""
            ),
        ),
        (
            B23,
            format!(
                "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\
                 \"@query\": ?param=Value&Pet=dog\n\"@authority\": example.com\n\
                 \"content-type\": application/json\n\"content-digest\": {DIGEST}\n\
                 \"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" \
                 \"@query\" \"@authority\" \"content-type\" \"content-digest\" \
                 \"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\""
            ),
        ),
        (
            B25,
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\
             \"content-type\": application/json\n\"@signature-params\": (\"date\" \"@authority\" \
             \"content-type\");created=1618884473;keyid=\"test-shared-secret\""
                .to_owned(),
        ),
        (
            B26,
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\
             \"@authority\": example.com\n\"content-type\": application/json\n\
             \"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" \
             \"@authority\" \"content-type\" \"content-length\");created=1618884473;\
             keyid=\"test-key-ed25519\""
                .to_owned(),
        ),
    ];
    for ((input, signature), base) in rows {
        assert_eq!(signed(input, signature).base(), base);
    }
}

#[test]
fn the_signatures_of_b_2_are_good_and_one_changed_bit_makes_them_bad() {
    let pss = || public(RSA_PSS, Algorithm::RsaPssSha512);
    let rows = [
        (B21, pss()),
        (B22, pss()),
        (B23, pss()),
        (B25, secret()),
        (B26, public(ED25519, Algorithm::Ed25519)),
    ];
    for ((input, signature), key) in rows {
        let sample = signed(input, signature);
        assert_eq!(judged(&sample, &key), Ok(()), "{input}");
        let mut changed = sample.one();
        for at in [0, changed.signature.len() - 1] {
            changed.signature[at] ^= 1;
            assert_eq!(changed.verify(Some(&key), &lenient()), Err(Failure::Mismatch));
            changed.signature[at] ^= 1;
        }
        for length in [1, changed.signature.len() - 1, changed.signature.len() + 1] {
            let mut other = sample.one();
            other.signature.resize(length, 0);
            assert_eq!(other.verify(Some(&key), &lenient()), Err(Failure::Mismatch), "{length}");
        }
    }
}

#[test]
fn b_2_4_is_of_an_answer_and_its_signature_is_good() {
    let base = "\"@status\": 200\n\"content-type\": application/json\n\"content-digest\": \
                sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rj\
                Juahq4l5aGgfLQ==:\n\"content-length\": 23\n\"@signature-params\": (\"@status\" \
                \"content-type\" \"content-digest\" \"content-length\");created=1618884473;\
                keyid=\"test-key-ecc-p256\"";
    let signature = STANDARD
        .decode("wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==")
        .unwrap();
    let key = public(ECC_P256, Algorithm::EcdsaP256Sha256);
    let check = key.check(Algorithm::EcdsaP256Sha256).unwrap();
    assert!(check.passes(base.as_bytes(), &signature));
    // A request has no status.
    let sample = signed(r#"s=("@status");created=1618884473;keyid="k""#, "s=:AA==:");
    assert_eq!(sample.find().unwrap_err(), Failure::UnknownComponent("@status".into()));
}

#[test]
fn the_signature_of_section_3_2_is_good() {
    let sample = signed(
        r#"sig1=("@method" "@authority" "@path" "content-digest" "content-length" "content-type");created=1618884473;keyid="test-key-rsa-pss""#,
        "sig1=:HIbjHC5rS0BYaa9v4QfD4193TORw7u9edguPh0AW3dMq9WImrlFrCGUDih47vAxi4L2YRZ3XMJc1uOKk/J0ZmZ+wcta4nKIgBkKq0rM9hs3CQyxXGxHLMCy8uqK488o+9jrptQ+xFPHK7a9sRL1IXNaagCNN3ZxJsYapFj+JXbmaI5rtAdSfSvzPuBCh+ARHBmWuNo1UzVVdHXrl8ePL4cccqlazIJdC4QEjrF+Sn4IxBQzTZsL9y9TP5FsZYzHvDqbInkTNigBcE9cKOYNFCn4D/WM7F6TNuZO9EgtzepLWcjTymlHzK7aXq6Am6sfOrpIC49yXjj3ae6HRalVc/g==:",
    );
    assert_eq!(judged(&sample, &public(RSA_PSS, Algorithm::RsaPssSha512)), Ok(()));
}

#[test]
fn the_two_signatures_of_section_4_3_are_judged_each_by_itself() {
    let mut sample = signed(
        r#"sig1=("@method" "@authority" "@path" "content-digest" "content-type" "content-length");created=1618884475;keyid="test-key-ecc-p256", proxy_sig=("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded");created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540"#,
        "sig1=:X5spyd6CFnAG5QnDyHfqoSNICd+BUP4LYMz2Q0JXlb//4Ijpzp+kve2w4NIyqeAuM7jTDX+sNalzA8ESSaHD3A==:, proxy_sig=:S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDcnL9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFnIm9y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770I6VHR6WfgS9ddzirrswsE1w5o0LV/g==:",
    )
    .with("forwarded", "for=192.0.2.123;host=example.com;proto=https");
    let client = public(ECC_P256, Algorithm::EcdsaP256Sha256);
    let proxy = public(RSA, Algorithm::RsaV15Sha256);
    let verdicts = |sample: &Sample| -> Vec<bool> {
        let found = sample.find().unwrap();
        let keys = [&client, &proxy];
        found.iter().zip(keys).map(|(one, key)| one.verify(Some(key), &lenient()).is_ok()).collect()
    };
    // As the client sent it, and as the proxy sent it on.
    assert_eq!(verdicts(&sample), [true, false]);
    sample.authority = "origin.host.internal.example".to_owned();
    assert_eq!(verdicts(&sample), [false, true]);
    let by_proxy = sample.find().unwrap().pop().unwrap();
    let at = |seconds| by_proxy.check(&lenient(), Timestamp::from_secs(seconds));
    assert_eq!(at(1_618_884_539), Ok(Timestamp::from_secs(1_618_884_480)));
    assert_eq!(at(1_618_884_540), Err(Failure::Expired));
}

#[test]
fn the_signature_of_b_3_is_good() {
    let certificate = ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:";
    let sample = Sample::new("POST", "/foo?param=Value&Pet=dog", "service.internal.example")
        .with("client-cert", certificate)
        .with(
            "signature-input",
            r#"ttrp=("@path" "@query" "@method" "@authority" "client-cert");created=1618884473;keyid="test-key-ecc-p256""#,
        )
        .with("signature", "ttrp=:xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==:");
    assert_eq!(judged(&sample, &public(ECC_P256, Algorithm::EcdsaP256Sha256)), Ok(()));
}

#[test]
fn the_signature_of_b_4_survives_what_it_should_and_nothing_else() {
    let sent = |method, target: &str, authority: &str, accept: &[&str]| {
        let mut sample = Sample::new(method, target, authority)
            .with(
                "signature-input",
                r#"transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519""#,
            )
            .with("signature", "transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:");
        for value in accept {
            sample = sample.with("accept", value);
        }
        judged(&sample, &public(ED25519, Algorithm::Ed25519))
    };
    let (target, lines) = ("/demo?name1=Value1&Name2=value2", ["application/json", "*/*"]);
    let more = format!("{target}&param=added");
    assert_eq!(sent("GET", target, "example.org", &lines), Ok(()));
    assert_eq!(sent("GET", &more, "example.org", &lines), Ok(()));
    assert_eq!(sent("GET", target, "example.org", &["application/json, */*"]), Ok(()));
    assert_eq!(sent("GET", target, "EXAMPLE.org:443", &lines), Ok(()));
    let bad = Err(Failure::Mismatch);
    assert_eq!(sent("POST", target, "example.com", &lines), bad);
    assert_eq!(sent("GET", target, "example.org", &["*/*", "application/json"]), bad);
}
