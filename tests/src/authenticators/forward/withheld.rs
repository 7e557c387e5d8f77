//! What never goes out, whatever the list says.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::super::table::{add_client, add_key};
use super::answering;
use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

/// A service that says only whether; without a list of its own, or with one.
fn scene(further: &str) -> (Upstream, Stage) {
    answering(answer::with("204 No Content", &[], ""), further)
}

#[test]
fn a_key_in_a_cookie_is_shown_to_nobody_among_other_cookies() {
    let (guard, stage) = scene("");
    add_client(&stage.symbolon, "robot");
    let key = add_key(&stage.symbolon, "robot", &[]);
    let claims = URL_SAFE_NO_PAD.encode("{\"iss\":\"http://shop.test/auth/clients\"}");
    let token = format!("e30.{claims}.c2ln");
    let cookie = |path: &str, cookies: &str| {
        stage.exchange(&Request::get(path).with("Cookie", cookies)).expect(200);
        guard.last_request().headers().get("cookie").map(str::to_owned)
    };
    let kept = Some("a=b.c; d=e".to_owned());
    assert_eq!(cookie("/keyed", &format!("a=b.c; key={key}; d=e")), kept);
    assert_eq!(cookie("/keyed", &format!("key={key}")), None);
    // Where nobody takes it, it is ours all the same.
    assert_eq!(cookie("/guarded", &format!("a=b.c; other={key}; d=e")), kept);
    assert_eq!(cookie("/guarded", &format!("a=b.c; other=\"{key}\"; d=e")), kept);
    assert_eq!(cookie("/guarded", &format!("a=b.c; other={token}; d=e")), kept);
    assert_eq!(cookie("/guarded", &format!("a=b.c; {key}; d=e")), kept);
}

#[test]
fn what_another_authenticator_of_the_route_judges_is_shown_to_nobody() {
    let (guard, stage) = scene("      request_headers: [authorization, cookie, x-key, x-other]\n");
    stage.symbolon.add_user("alice", &[]);
    let password = format!("Basic {}", STANDARD.encode("alice:open sesame, please"));
    let typed = Request::get("/typed").with("X-Other", "x").with("Authorization", &password);
    stage.exchange(&typed).expect(200);
    let question = guard.last_request();
    assert_eq!(question.headers().get("x-other"), Some("x"));
    assert!(!question.headers().has("authorization"), "{question:?}");
    for odd in [password.replace("Basic ", "basic\t"), password.replace("Basic", " BASIC")] {
        stage.exchange(&Request::get("/typed").with("Authorization", &odd));
        assert!(!guard.last_request().headers().has("authorization"), "{odd:?}");
    }
    // A key that others made: nothing but its place tells what it is.
    for row in [("X-Key", "a-key-of-others"), ("Cookie", "key=a-key-of-others")] {
        let hits = guard.hits();
        stage.exchange(&Request::get("/guarded").with(row.0, row.1)).expect(200);
        assert!(format!("{:?}", guard.last_request()).contains("a-key-of-others"));
        stage.exchange(&Request::get("/keyed").with(row.0, row.1)).expect(401);
        assert_eq!(guard.hits(), hits + 1);
    }
    // To judge it is what the service is there for, where nobody else does.
    stage.exchange(&Request::get("/guarded").with("Authorization", &password)).expect(200);
    assert_eq!(guard.last_request().headers().get("authorization"), Some(&*password));
}
