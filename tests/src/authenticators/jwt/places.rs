//! Where a token may stand, and that a request has one.

use serde_json::json;

use super::scene::{Scene, robot_claims};
use super::signer::{SECRET, hs256, now, with};
use crate::harness::http::Request;

#[test]
fn token_is_taken_where_that_was_written() {
    let scene = Scene::new();
    let token = Scene::robot_token();
    let anywhere = || Request::get("/anywhere?a=1&b=%32");
    let requests = [
        anywhere().with("Authorization", &format!("bearer   {token}")),
        anywhere().with("Partner-Pass", &token),
        anywhere().with("Partner-Pass", &format!("Bearer {token}")),
        Request::get(&format!("/anywhere?a=1&jwt={token}&b=%32")),
        anywhere().with("Cookie", &format!("x=1; jwt={token}; y=2")),
    ];
    for request in requests {
        scene.stage.exchange(&request).expect(200);
        let received = scene.stage.api.last_request();
        assert_eq!(received.target(), "/anywhere?a=1&b=%32");
        assert!(!received.headers().has("partner-pass"), "{received:?}");
        let cookie = received.headers().get("cookie");
        assert!(cookie.is_none_or(|cookie| cookie == "x=1; y=2"), "{cookie:?}");
        assert_eq!(received.claims()["sub"], json!("client:robot"));
    }
    // Nowhere else: not in the query, nor in another cookie.
    for request in [
        Request::get(&format!("/tokens?jwt={token}&access_token={token}")),
        Request::get("/tokens").with("Partner-Pass", &token),
        Request::get("/tokens").with("Cookie", &format!("jwt={token}")),
    ] {
        scene.stage.exchange(&request).expect(401);
    }
}

#[test]
fn what_is_not_hidden_is_seen() {
    let scene = Scene::new();
    let token = Scene::robot_token();
    let request = Request::get("/seen").with("Partner-Pass", &token);
    scene.stage.exchange(&request).expect(200);
    assert_eq!(scene.stage.api.last_request().headers().get("partner-pass"), Some(&*token));
    let request = Request::get("/seen").with("Cookie", &format!("a=b; jwt={token}"));
    scene.stage.exchange(&request).expect(200);
    let cookie = format!("a=b; jwt={token}");
    assert_eq!(scene.stage.api.last_request().headers().get("cookie"), Some(&*cookie));
}

#[test]
fn two_different_tokens_are_refused_and_the_same_twice_is_one() {
    let scene = Scene::new();
    let one = Scene::robot_token();
    let two = hs256(SECRET.as_bytes(), &with(robot_claims(), "jti", json!("2")));
    let with_both = |one: &str, two: &str| {
        let header = format!("Bearer {one}");
        [
            Request::get(&format!("/anywhere?jwt={two}")).with("Authorization", &header),
            Request::get("/anywhere").with("Authorization", &header).with("Partner-Pass", two),
            Request::get("/anywhere")
                .with("Authorization", &header)
                .with("Cookie", &format!("jwt={two}")),
            Request::get("/anywhere").with("Partner-Pass", one).with("Partner-Pass", two),
            Request::get(&format!("/anywhere?jwt={one}&jwt={two}")),
        ]
    };
    for request in with_both(&one, &one) {
        scene.stage.exchange(&request).expect(200);
    }
    let before = scene.stage.api.hits();
    for request in with_both(&one, &two).into_iter().chain(with_both(&one, "garbage")) {
        let answer = scene.stage.exchange(&request).expect(401);
        assert_eq!(answer.json()["reason"], "several");
    }
    assert_eq!(scene.stage.api.hits(), before);
}

#[test]
fn opaque_and_signed_tokens_stand_side_by_side() {
    let scene = Scene::new();
    let alice = scene.stage.alice();
    scene.show_at("/shared", alice.token()).expect(200);
    assert_eq!(scene.stage.api.last_request().claims()["sub"], json!("alice"));
    scene.show_at("/shared", &Scene::robot_token()).expect(200);
    assert_eq!(scene.stage.api.last_request().claims()["sub"], json!("client:robot"));
    assert_eq!(scene.refused_at("/shared", "a.b.c"), "malformed");
    assert_eq!(scene.refused_at("/shared", "garbage"), "malformed");
    // A session's token is no JWT, and a route that takes only those says so.
    assert_eq!(scene.refused(alice.token()), "malformed");
}

#[test]
fn refusal_says_why_in_the_challenge_and_the_body() {
    let scene = Scene::new();
    let late = hs256(SECRET.as_bytes(), &with(robot_claims(), "exp", json!(now() - 60)));
    let answer = scene.show(&late).expect(401);
    let challenge = "Bearer realm=\"symbolon\", error=\"invalid_token\", \
                     error_description=\"the token has expired\"";
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    let body = answer.json();
    assert_eq!((&body["authenticator"], &body["reason"]), (&json!("jwt"), &json!("expired")));
    assert!(!answer.text().contains(&late), "the answer repeats the token");
}
