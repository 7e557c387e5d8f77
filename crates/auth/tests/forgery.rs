//! Forms that somebody else's page made the browser send.

mod common;

use common::{PASSWORD, World};

#[tokio::test]
async fn a_log_in_without_our_own_form_is_refused() {
    let world = World::new().await;
    let mut victim = world.browser();
    let fields = [("username", "bob"), ("password", PASSWORD)];
    assert_eq!(victim.post("/auth/login", &fields).await.status, 403);

    // The attacker's own token does not fit the victim's cookie.
    let foreign = world.browser().get("/auth/login").await;
    victim.get("/auth/login").await;
    let answer = victim.send_log_in(&foreign, "bob", PASSWORD).await;
    assert_eq!(answer.status, 403);
    assert!(victim.token().is_none());
    assert_eq!(world.hashes(), 2, "those of the two accounts");
}

#[tokio::test]
async fn two_open_tabs_both_work() {
    let world = World::new().await;
    let mut browser = world.browser();
    let first = browser.get("/auth/login").await;
    browser.get("/auth/login").await;
    assert_eq!(browser.send_log_in(&first, "alice", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_form_from_another_origin_is_refused_even_with_the_right_token() {
    let world = World::new().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:8081"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let mut browser = world.browser();
        browser.headers.push((name, value.to_owned()));
        let answer = browser.log_in("alice", PASSWORD).await;
        assert_eq!(answer.status, 403, "{name}: {value}");

        let mut browser = world.logged_in("alice").await;
        browser.headers.push((name, value.to_owned()));
        let answer = browser.submit("/auth/logout", &[]).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    let mut browser = world.browser();
    browser.headers.push(("origin", "http://127.0.0.1:8080".to_owned()));
    browser.headers.push(("sec-fetch-site", "same-origin".to_owned()));
    assert_eq!(browser.log_in("alice", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn every_form_of_a_session_needs_the_token_of_that_very_session() {
    let world = World::new().await;
    let mut alice = world.logged_in("alice").await;
    let mut bob = world.logged_in("bob").await;
    let foreign = bob.get("/auth/account").await.hidden("csrf");
    let ids = alice.get("/auth/account").await.session_ids();
    for path in ["/auth/logout", "/auth/account/password", "/auth/account/sessions/end"] {
        for csrf in ["", "AAAA", &foreign] {
            let fields = [
                ("csrf", csrf),
                ("id", &*ids[0]),
                ("current", PASSWORD),
                ("new", "something else entirely"),
            ];
            let answer = alice.post(path, &fields).await;
            assert_eq!(answer.status, 403, "{path} {csrf:?}");
        }
    }
    assert!(alice.is_logged_in().await);
}

#[tokio::test]
async fn nothing_changes_by_get() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let page = browser.get("/auth/logout?everywhere=yes").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("id=\"confirm-logout\""));
    for path in ["/auth/account/password", "/auth/account/sessions/end"] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    }
    assert!(browser.is_logged_in().await);
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_refused() {
    let world = World::new().await;
    let mut browser = world.browser();
    let csrf = browser.get("/auth/login").await.hidden("csrf");
    let fields =
        [("csrf", &*csrf), ("username", "alice"), ("username", "bob"), ("password", PASSWORD)];
    assert_eq!(browser.post("/auth/login", &fields).await.status, 400);
}
