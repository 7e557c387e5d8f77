//! The session cookie: what counts as one, and that no service ever sees it.

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn the_services_see_other_cookies_only() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let token = alice.token();
    let cookies =
        format!("a=1; symbolon={token}; b=2; symbolon-login=x; __Host-symbolon=y; c=\"3\"");
    stage.exchange(&Request::get("/api/x").with("Cookie", &cookies)).expect(200);
    let received = stage.api.only_request();
    assert_eq!(received.headers().get("cookie"), Some("a=1; b=2; c=\"3\""));
}

#[test]
fn two_session_cookies_are_worth_none() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let token = alice.token();
    for cookies in [
        vec![format!("symbolon={token}; symbolon={token}")],
        vec![format!("symbolon=planted; symbolon={token}")],
        vec![format!("symbolon={token}"), "symbolon=planted".to_owned()],
        vec![format!("symbolon={token}"), format!("symbolon={token}")],
    ] {
        let request = Request::get("/api/x");
        let request = cookies.iter().fold(request, |request, line| request.with("Cookie", line));
        stage.exchange(&request).expect(401);
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn names_of_cookies_are_compared_exactly() {
    let settings = Settings { public_url: "https://shop.test".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.symbolon.add_user("alice", &[]);
    let mut alice = stage.visitor().at_origin(&settings.public_url);
    alice.log_in("alice");
    let token = alice.cookie("__Host-symbolon").expect("a prefixed cookie");

    let with = |name: &str| Request::get("/api/x").with("Cookie", &format!("{name}={token}"));
    stage.exchange(&with("__Host-symbolon")).expect(200);
    for name in
        ["symbolon", "__HOST-symbolon", "__host-symbolon", "__Secure-symbolon", "__Host-Symbolon"]
    {
        stage.exchange(&with(name)).expect(401);
    }
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn a_garbled_token_is_no_token() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let token = alice.token();
    let (start, end) = token.split_at(token.len() - 1);
    let last_changed = format!("{start}{}", if end == "A" { 'B' } else { 'A' });
    let garbled = [
        last_changed,
        start.to_owned(),
        format!("{token}A"),
        format!("{token}%20"),
        token.to_lowercase(),
        token.to_uppercase(),
        "x".repeat(4000),
        String::new(),
    ];
    for value in garbled {
        let request = Request::get("/api/x").with("Cookie", &format!("symbolon={value}"));
        stage.exchange(&request).expect(401);
        if !value.is_empty() {
            let bearer = Request::get("/api/x").with("Authorization", &format!("Bearer {value}"));
            stage.exchange(&bearer).expect(401);
        }
    }
    assert_eq!(stage.api.hits(), 0);
}
