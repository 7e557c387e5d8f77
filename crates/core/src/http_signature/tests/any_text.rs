//! Texts that nobody wrote by hand: what is read is what its key signs, and nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Pieces of which headers of signatures are made, and some that do not belong.
const PIECES: [&str; 58] = [
    "hmac ",
    "Signature ",
    "username=",
    "keyId=",
    "algorithm=",
    "headers=",
    "signature=",
    "\"",
    ",",
    ", ",
    " ",
    "=",
    "hmac-sha256",
    "ed25519",
    "date",
    "@request-target",
    "request-line",
    "x-a",
    "AAAA",
    "AAA=",
    "a",
    "1",
    "\\",
    ";",
    "(",
    ")",
    "s=",
    "t=",
    "\"@method\"",
    "\"@path\"",
    "\"@query\"",
    "\"@target-uri\"",
    "\"@authority\"",
    "\"@query-param\";name=\"a\"",
    "\"x-a\"",
    "\"x-a\";bs",
    "\"x-a\";sf",
    "\"x-a\";key=\"a\"",
    "\"content-digest\"",
    "\"priority\";sf",
    ";created=1",
    ";created=1618884473",
    ";expires=9",
    ";keyid=\"k\"",
    ";nonce=\"n\"",
    ";alg=\"hmac-sha256\"",
    ";tag=\"t\"",
    ":AAAA:",
    ":",
    "::",
    "?1",
    "@1",
    "1.5",
    "%",
    "\t",
    "é",
    "sha-256=:AAAA:",
    "SHA-256=AAAA",
];

fn text(length: usize) -> impl Strategy<Value = String> {
    vec(select(&PIECES[..]), 0..length).prop_map(|pieces| pieces.concat())
}

fn sample() -> impl Strategy<Value = Sample> {
    let target = select(vec!["/", "/a?a=1", "/a?a=1&a=2", "/%7e?a=%zz&&=", "", "*", "/?"]);
    let headers = (text(20), text(30), text(6), text(4), text(4));
    (target, headers).prop_map(|(target, (authorization, input, signature, one, two))| {
        Sample::new("GET", target, "Example.com:443")
            .with("date", "Tue, 20 Apr 2021 02:07:55 GMT")
            .with("authorization", authorization)
            .with("signature-input", input)
            .with("signature", signature)
            .with("x-a", &one)
            .with("x-a", &two)
            .with("priority", &one)
            .with("content-digest", &two)
            .with("digest", two)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn whatever_is_read_can_be_judged(sample in sample()) {
        let key = Key::of_secret(b"a secret of some length", &Algorithm::SHARED).unwrap();
        for form in Form::ALL {
            let Ok(found) = sample.ask(|request| find(request, &[form])) else { continue };
            for mut one in found {
                prop_assert_eq!(one.form(), form);
                let _ = one.check(&lenient(), crate::time::Timestamp::from_secs(1_618_884_473));
                let _ = sample.ask(|request| one.body_digest(request));
                prop_assert!(one.verify(Some(&key), &lenient()).is_err());
                // Its lines are text of which everybody makes the same bytes.
                prop_assert!(one.base.iter().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~')));
                let signed = aws_lc_rs::hmac::Key::new(
                    aws_lc_rs::hmac::HMAC_SHA256,
                    b"a secret of some length",
                );
                one.signature = aws_lc_rs::hmac::sign(&signed, &one.base).as_ref().to_vec();
                let is_sha256 = one.algorithm.is_none_or(|own| own == Algorithm::HmacSha256);
                prop_assert_eq!(one.verify(Some(&key), &lenient()).is_ok(), is_sha256);
                one.base.push(b'\n');
                prop_assert!(one.verify(Some(&key), &lenient()).is_err());
            }
        }
        let _ = sample.find();
    }

    #[test]
    fn whatever_names_a_component_names_it_again(pieces in text(4)) {
        if let Ok(component) = Component::parse(&pieces) {
            prop_assert_eq!(Component::parse(&component.to_string()), Ok(component));
        }
    }

    #[test]
    fn signatures_made_of_their_pieces_are_read(
        covered in vec(select(&PIECES[28..40]), 0..4),
        parameters in vec(select(&PIECES[40..47]), 0..4),
    ) {
        let input = format!("s=({}){};keyid=\"k\"", covered.join(" "), parameters.concat());
        let sample = Sample::new("GET", "/?a=1", "example.com")
            .with("x-a", "a=1")
            .with("priority", "u=1")
            .with("content-digest", "sha-256=:AAAA:")
            .with("signature-input", &input)
            .with("signature", "s=:AAAA:");
        match sample.find() {
            Ok(found) => prop_assert_eq!(found.len(), 1),
            Err(failure) => {
                let is_twice = failure == Failure::Malformed("component twice");
                let is_unknown = failure == Failure::UnknownComponent("x-a;sf".into());
                prop_assert!(is_twice || is_unknown, "{input}: {failure:?}");
            }
        }
    }
}
