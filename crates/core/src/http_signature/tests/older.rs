//! Kong's and APISIX's forms: what their documents print, and what their plugins let through.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::time::Timestamp;

const SECRET: &[u8] = b"john-secret-key";

fn key() -> Key {
    Key::shared(SECRET, &Algorithm::SHARED).unwrap()
}

/// The example of APISIX's documents: the script is theirs, and this is what it makes of its secret
/// and date in Python. The signature that they print beside it is of another text.
fn of_the_documents() -> Sample {
    Sample::new("GET", "/get", "127.0.0.1:9080")
        .with("date", "Fri, 06 Sep 2024 06:41:29 GMT")
        .with(
            "authorization",
            r#"Signature keyId="john-key",algorithm="hmac-sha256",headers="@request-target date",signature="j+feO3Wm5em0agp0A70FZErf6lrMDVs7zjQ9MxomPx0=""#,
        )
}

#[test]
fn the_example_of_apisix_documents_is_good() {
    let signature = of_the_documents().one();
    assert_eq!(signature.base, b"john-key\nGET /get\ndate: Fri, 06 Sep 2024 06:41:29 GMT\n");
    let now = Timestamp::from_secs(1_725_604_889 + 60);
    assert_eq!(signature.check(&Policy::default(), now), Ok(now.minus(Duration::from_mins(1))));
    assert_eq!(signature.verify(Some(&key()), &Policy::default()), Ok(()));
    let later = Timestamp::from_secs(1_725_604_889 + 61);
    assert_eq!(signature.check(&Policy::default(), later), Err(Failure::Skewed));
    let earlier = Timestamp::from_secs(1_725_604_889 - 61);
    assert_eq!(signature.check(&Policy::default(), earlier), Err(Failure::Skewed));
}

fn kong(headers: &str) -> Sample {
    kong_signed(headers, "AAAA")
}

fn kong_signed(headers: &str, signature: &str) -> Sample {
    Sample::new("GET", "/a%20b?x=1&x=2", "example.com")
        .with("date", "Thu, 22 Jun 2017 17:15:21 GMT")
        .with(
            "authorization",
            format!(r#"hmac username="alice", algorithm="hmac-sha256", headers="{headers}", signature="{signature}""#),
        )
}

#[test]
fn kongs_lines_are_as_its_documents_say() {
    assert_eq!(
        kong("date request-line").base(),
        "date: Thu, 22 Jun 2017 17:15:21 GMT\nGET /a%20b?x=1&x=2 HTTP/1.1"
    );
    assert_eq!(
        kong("@request-target Host").base(),
        "@request-target: get /a%20b?x=1&x=2\nHost: example.com"
    );
    let mut old = kong("request-line");
    old.version = "HTTP/1.0";
    assert_eq!(old.base(), "GET /a%20b?x=1&x=2 HTTP/1.0");
    let good = STANDARD.encode(hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, SECRET),
        kong("date request-line").base().as_bytes(),
    ));
    let sample = kong_signed("date request-line", &good);
    assert_eq!(sample.one().verify(Some(&key()), &Policy::default()), Ok(()));
    let mut other = sample;
    other.target = "/a%20b?x=2&x=1".to_owned();
    assert_eq!(other.one().verify(Some(&key()), &Policy::default()), Err(Failure::Mismatch));
}

#[test]
fn a_header_called_request_line_does_not_take_the_place_of_the_line() {
    let sample = kong("request-line").with("request-line", "GET /other HTTP/1.1");
    assert_eq!(sample.base(), "GET /a%20b?x=1&x=2 HTTP/1.1");
}

#[test]
fn x_date_is_asked_first_and_date_where_that_is_no_date_or_not_signed() {
    let at = |sample: Sample| sample.one().dated.map(Timestamp::as_secs);
    let dated = |value: &str, headers: &str| at(kong(headers).with("x-date", value));
    assert_eq!(dated("Thu, 22 Jun 2017 17:15:22 GMT", "x-date date"), Some(1_498_151_722));
    assert_eq!(dated("yesterday", "x-date date"), Some(1_498_151_721));
    assert_eq!(dated("Thu, 22 Jun 2017 17:15:22 GMT", "date"), Some(1_498_151_721));
    assert_eq!(dated("Thu, 22 Jun 2017 17:15:22 GMT", "request-line"), None);
    assert_eq!(at(kong("request-line")), None);
    let undated = kong("request-line").one();
    let now = Timestamp::from_secs(1_498_151_721);
    assert_eq!(undated.check(&Policy::default(), now), Err(Failure::NoDate));
}

#[test]
fn a_signed_header_that_is_missing_or_there_twice_is_refused() {
    let missing = kong("date x-missing").find().unwrap_err();
    assert_eq!(missing, Failure::Absent("x-missing".into()));
    let twice = kong("date x-two").with("x-two", "1").with("x-two", "2").find().unwrap_err();
    assert_eq!(twice, Failure::Ambiguous("x-two".into()));
    let sample = of_the_documents().changed(
        "authorization",
        r#"Signature keyId="k",algorithm="hmac-sha256",headers="date x-missing",signature="AAAA""#,
    );
    assert_eq!(sample.find().unwrap_err(), Failure::Absent("x-missing".into()));
}

#[test]
fn parameters_are_read_strictly_and_in_any_order() {
    let sent = |value: &str| of_the_documents().changed("authorization", value).find().map(|_| ());
    let good = [
        r#"Signature signature="AAAA", headers="date", algorithm=hmac-sha256, keyId=k"#,
        r#"signature keyId="k",algorithm="hmac-sha1",headers="date",signature="AAAA""#,
        r#"HMAC username="a b", algorithm="hmac-sha384", headers="date", signature="AAAA""#,
    ];
    for value in good {
        assert_eq!(sent(value), Ok(()), "{value}");
    }
    let bad = [
        "hmac",
        "Signature ",
        r#"hmac username="a", algorithm="hmac-sha256", headers="date""#,
        r#"hmac username="", algorithm="hmac-sha256", headers="date", signature="AAAA""#,
        r#"hmac username="a", username="b", algorithm="hmac-sha256", headers="date", signature="AAAA""#,
        r#"hmac username="a", algorithm="hmac-sha256", headers="date", signature="AAAA", x="y""#,
        r#"hmac username="a", algorithm="hmac-sha256", headers="date", signature="AAAA","#,
        r#"hmac username="a" algorithm="hmac-sha256", headers="date", signature="AAAA""#,
        r#"hmac username="a", algorithm="hmac-sha256", headers="", signature="AAAA""#,
        r#"hmac username="a", algorithm="hmac-sha256", headers="date  date", signature="AAAA""#,
        r#"hmac username="a", algorithm="hmac-sha256", headers="date", signature="""#,
        r#"hmac username="a", algorithm="hmac-sha256", headers="date", signature="A""#,
        r#"hmac username="a", algorithm="hmac-sha256", headers="date", signature="AAAA"#,
        r#"hmac username="a\"b", algorithm="hmac-sha256", headers="date", signature="AAAA""#,
        r#"hmac keyId="a", algorithm="hmac-sha256", headers="date", signature="AAAA""#,
        r#"Signature username="a", algorithm="hmac-sha256", headers="date", signature="AAAA""#,
    ];
    for value in bad {
        let failure = sent(value).unwrap_err();
        assert!(matches!(failure, Failure::Malformed(_)), "{value}: {failure:?}");
    }
    for name in ["hmac-md5", "none", "ed25519", "HMAC-SHA256", ""] {
        let value =
            format!(r#"hmac username="a", algorithm="{name}", headers="date", signature="AAAA""#);
        assert_eq!(sent(&value), Err(Failure::Algorithm), "{name}");
    }
}

#[test]
fn other_schemes_are_not_offered_and_two_forms_are_too_many() {
    for value in ["Bearer abc", "Basic abc", "hmacs x", "Signatures x"] {
        assert!(of_the_documents().changed("authorization", value).find().unwrap().is_empty());
    }
    let sample = of_the_documents();
    assert!(sample.ask(|request| find(request, &[Form::Kong])).unwrap().is_empty());
    let both =
        sample.clone().with("signature-input", "s=();keyid=\"k\"").with("signature", "s=:AAAA:");
    assert_eq!(both.find().unwrap_err(), Failure::SeveralForms);
    assert_eq!(both.ask(|request| find(request, &[Form::Apisix])).unwrap().len(), 1);
    let twice = sample.with("authorization", "Bearer abc");
    assert_eq!(twice.find().unwrap_err(), Failure::SeveralForms);
}
