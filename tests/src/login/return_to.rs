//! After logging in people land where they wanted to go, and never anywhere else.

use crate::harness::http::Request;
use crate::harness::http::percent;
use crate::harness::stage::Stage;

/// What would lead out of this site, in one browser or another.
const ELSEWHERE: &[&str] = &[
    "http://evil.test/",
    "https://evil.test/",
    "HTTPS:evil.test",
    "//evil.test/",
    "///evil.test/",
    "////evil.test",
    "/\\evil.test/",
    "\\\\evil.test/",
    "\\/evil.test",
    "/\t/evil.test/",
    "/\n/evil.test/",
    "\t//evil.test",
    " //evil.test",
    "/%5cevil.test",
    "/%2fevil.test",
    "/.//evil.test",
    "/..//evil.test",
    "/x/..//evil.test",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.test",
    "@evil.test",
    "/@evil.test/../..//evil.test",
    "http:/evil.test",
    "http:evil.test",
    "http://shop.test@evil.test/",
    "http://shop.test.evil.test/",
    "//evil。test",
    "/x\r\nLocation: http://evil.test",
    "/x\r\nSet-Cookie: symbolon=planted",
];

#[test]
fn nobody_is_sent_elsewhere() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor();
    alice.log_in("alice");
    for target in ELSEWHERE {
        // Whoever is logged in already is sent straight on.
        let answer = alice.open(&format!("/auth/login?return_to={}", percent(target)));
        assert_stays(target, answer.header("location").unwrap());
        // The address in the page's own form.
        let page = alice
            .open(&format!("/auth/login?reauthenticate=1&return_to={}", percent(target)))
            .expect(200);
        let answer = alice.submit(
            &page,
            "/auth/login",
            &[("username", "alice"), ("password", "open sesame, please")],
        );
        assert_stays(target, answer.expect(303).header("location").unwrap());
    }
}

#[test]
fn a_forged_form_does_not_lead_elsewhere() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    for target in ELSEWHERE {
        let mut alice = stage.visitor();
        let page = alice.open("/auth/login").expect(200);
        let mut fields = crate::harness::html::hidden_fields(page.text(), "/auth/login");
        fields.retain(|(name, _)| name != "return_to");
        for (name, value) in
            [("return_to", *target), ("username", "alice"), ("password", "open sesame, please")]
        {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let answer = alice.send(Request::post("/auth/login").form(&fields)).expect(303);
        assert_stays(target, answer.header("location").unwrap());
        assert!(!answer.headers().all("set-cookie").any(|line| line.contains("planted")));
    }
}

#[test]
fn people_come_back_to_where_they_were() {
    let stage = Stage::plain();
    stage.symbolon.add_user("alice", &[]);
    for target in ["/api/x", "/api/x?a=1&b=%2F..%2F&c=/../", "/api/a%20b", "/api/%E4%BD%A0?q=%E4"] {
        let mut alice = stage.visitor();
        let answer = alice.open(target).expect(303);
        let login = answer.header("location").unwrap().to_owned();
        assert!(login.starts_with("/auth/login?return_to=/"), "{login}");
        let page = alice.open(&login).expect(200);
        let typed = [("username", "alice"), ("password", "open sesame, please")];
        let answer = alice.submit(&page, "/auth/login", &typed).expect(303);
        assert_eq!(answer.header("location"), Some(target));
        alice.open(target).expect(200);
        assert_eq!(stage.api.last_request().target(), target);
    }
}

/// A path of this site that no browser takes for a host.
fn assert_stays(target: &str, location: &str) {
    let is_path = location.starts_with('/') && !location[1..].starts_with(['/', '\\']);
    let is_printable = location.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    assert!(is_path && is_printable, "{target:?} leads to {location:?}");
    assert!(!location.contains("//"), "{target:?} leads to {location:?}");
}
