//! The session cookie says nothing and is kept from scripts and other sites.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn the_cookie_has_the_attributes_that_it_should() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor();
    let answer = alice.log_in("alice");
    let line = answer.set_cookie("symbolon").unwrap();
    let attributes: Vec<String> = line.split("; ").skip(1).map(str::to_lowercase).collect();
    for attribute in ["httponly", "samesite=lax", "path=/"] {
        assert!(attributes.iter().any(|other| other == attribute), "{attribute}: {line}");
    }
    for forbidden in ["domain", "expires", "secure"] {
        assert!(!attributes.iter().any(|other| other.starts_with(forbidden)), "{line}");
    }
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn the_cookie_is_bound_to_the_host_where_there_is_tls() {
    let settings = Settings { public_url: "https://shop.test".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor().at_origin("https://shop.test");
    let answer = alice.log_in("alice");
    let line = answer.set_cookie("__Host-symbolon").expect("a `__Host-` cookie").to_lowercase();
    for attribute in ["; secure", "; httponly", "; samesite=lax", "; path=/"] {
        assert!(line.contains(attribute), "{line}");
    }
    assert!(!line.contains("domain"), "{line}");
    alice.get("/api/x").expect(200);
    assert!(stage.api.only_request().headers().get("x-forwarded-proto").is_some());
}

#[test]
fn the_cookie_is_called_as_the_configuration_says() {
    let sections = "sessions: { cookie: { name: crumb, same_site: strict } }".to_owned();
    let stage = Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain());
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor();
    let answer = alice.log_in("alice");
    let line = answer.set_cookie("crumb").unwrap().to_lowercase();
    assert!(line.contains("samesite=strict"), "{line}");
    let cookies = format!("crumb={}; symbolon=theirs", alice.cookie("crumb").unwrap());
    stage.exchange(&Request::get("/api/x").with("Cookie", &cookies)).expect(200);
    assert_eq!(stage.api.only_request().headers().get("cookie"), Some("symbolon=theirs"));
}

#[test]
fn the_value_is_opaque() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let first = alice.token().to_owned();
    alice.log_in("alice");
    let second = alice.token().to_owned();
    assert_ne!(first, second);

    for token in [&first, &second] {
        assert!(token.len() >= 43, "less than 256 bits: {token}");
        assert!(!token.contains('.') && !token.contains("eyJ"), "{token}");
        let is_plain =
            token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        assert!(is_plain, "{token}");
        for part in [token.as_str(), token.rsplit('_').next().unwrap()] {
            for decoded in
                [STANDARD_NO_PAD.decode(part), URL_SAFE_NO_PAD.decode(part)].into_iter().flatten()
            {
                let is_text = decoded.is_ascii() && decoded.iter().all(|byte| *byte >= b' ');
                assert!(!is_text, "it decodes to {:?}", String::from_utf8_lossy(&decoded));
            }
        }
    }
    let same = first.bytes().zip(second.bytes()).take_while(|(a, b)| a == b).count();
    assert!(same <= 12, "more than a prefix is the same: {first} {second}");
}
