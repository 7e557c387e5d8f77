//! Whoever is logged in is asked for their password once more.

mod common;

use std::time::Duration;

use common::{OTHER_PASSWORD, PASSWORD, World};
use symbolon_core::TokenHash;
use symbolon_store::Clock as _;

#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
fn hash(token: &str) -> TokenHash {
    TokenHash::of_presented(symbolon_core::TokenKind::Session, token.as_bytes()).unwrap()
}

#[tokio::test]
async fn whoever_is_logged_in_is_asked_again_where_a_stronger_or_newer_log_in_is_needed() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    assert_eq!(browser.get("/auth/login?return_to=/x").await.status, 303);
    for (query, notice) in [
        ("max_age=60", "Please confirm with your password that it is you."),
        ("acr=pwd", "Please confirm with your password that it is you."),
        ("acr=mfa", "What you want to do needs a stronger log-in than a password alone."),
    ] {
        let form = browser.get(&format!("/auth/login?return_to=/x&{query}")).await;
        assert_eq!(form.status, 200, "{query}");
        assert!(form.body.contains(notice), "{query}: {}", form.body);
        assert!(form.body.contains("value=\"alice\""), "{}", form.body);
        assert_eq!(form.hidden("again"), "yes");
        assert_eq!(form.hidden("return_to"), "/x");
    }
    // Nothing of the query is shown: a link could put words into our mouth.
    let form = browser.get("/auth/login?acr=call%20us").await;
    assert!(!form.body.contains("call us"));
    // Nobody has a session to go on with.
    let form = world.browser().get("/auth/login?max_age=60").await;
    assert!(!form.body.contains("name=\"again\"") && !form.body.contains("id=\"notice\""));
}

#[tokio::test]
async fn the_same_person_goes_on_in_the_same_session_under_a_new_token() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let old = browser.token().unwrap().to_owned();
    let before = world.sessions.find(&hash(&old), world.clock.now()).await.unwrap().unwrap();
    world.clock.advance(Duration::from_mins(1));
    let form = browser.get("/auth/login?return_to=/x&max_age=30").await;
    let answer = again(&mut browser, &form, "alice", PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/x"));
    let new = browser.token().unwrap().to_owned();
    assert_ne!(new, old);
    let now = world.clock.now();
    assert!(world.sessions.find(&hash(&old), now).await.unwrap().is_none(), "the old token");
    let after = world.sessions.find(&hash(&new), now).await.unwrap().unwrap();
    assert_eq!(after.session.id, before.session.id);
    assert_eq!(after.session.authentication.at, now);
    assert_eq!(after.session.expires_at, before.session.expires_at);
    assert!(after.session.generation > before.session.generation);
}

#[tokio::test]
async fn somebody_else_gets_a_session_of_their_own_and_the_old_one_ends() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let old = browser.token().unwrap().to_owned();
    let form = browser.get("/auth/login?max_age=30").await;
    let answer = again(&mut browser, &form, "bob", PASSWORD).await;
    assert_eq!(answer.status, 303);
    let now = world.clock.now();
    assert!(world.sessions.find(&hash(&old), now).await.unwrap().is_none());
    let new = hash(browser.token().unwrap());
    let live = world.sessions.find(&new, now).await.unwrap().unwrap();
    assert_eq!(live.session.subject.as_str(), "bob");
}

#[tokio::test]
async fn a_wrong_password_changes_nothing_and_the_form_stays_what_it_was() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let old = browser.token().unwrap().to_owned();
    let form = browser.get("/auth/login?max_age=30").await;
    let answer = again(&mut browser, &form, "alice", OTHER_PASSWORD).await;
    assert_eq!((answer.status, &*answer.hidden("again")), (422, "yes"));
    assert_eq!(browser.token(), Some(&*old));
    assert!(browser.is_logged_in().await);
}

async fn again(
    browser: &mut common::browser::Browser,
    form: &common::browser::Answer,
    name: &str,
    password: &str,
) -> common::browser::Answer {
    let fields = [
        ("csrf", &*form.hidden("csrf")),
        ("return_to", &*form.hidden("return_to")),
        ("again", &*form.hidden("again")),
        ("username", name),
        ("password", password),
    ];
    browser.post("/auth/login", &fields).await
}
