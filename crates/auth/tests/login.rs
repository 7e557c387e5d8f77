//! The log-in form and what becomes of it.

mod common;

use common::{HTTPS, OTHER_PASSWORD, PASSWORD, World};

#[tokio::test]
async fn the_form_has_the_ids_and_hints_that_people_and_programs_rely_on() {
    let world = World::new().await;
    let page = world.browser().get("/auth/login?return_to=/orders").await;
    assert_eq!(page.status, 200);
    for part in [
        "id=\"username\" name=\"username\"",
        "id=\"password\" name=\"password\" type=\"password\"",
        "id=\"login\"",
        "autocomplete=\"username\"",
        "autocomplete=\"current-password\"",
        "<label for=\"username\">",
        "<label for=\"password\">",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains("<script") && !page.body.contains("style=\""));
    assert_eq!(page.hidden("return_to"), "/orders");
}

#[tokio::test]
async fn the_right_password_opens_a_session_with_an_opaque_cookie() {
    let world = World::new().await;
    let mut browser = world.browser();
    let answer = browser.log_in("Alice", PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let cookie = answer.set_cookie("symbolon").unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(answer.set_cookie("symbolon-login").unwrap().contains("Max-Age=0"));
    assert!(browser.token().unwrap().starts_with("syms_"));
    assert!(browser.is_logged_in().await);
}

#[tokio::test]
async fn over_https_cookies_are_host_only_and_secure() {
    let world = World::at(HTTPS).await;
    let mut browser = world.browser();
    let answer = browser.log_in("alice", PASSWORD).await;
    let cookie = answer.set_cookie("__Host-symbolon").unwrap();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Expires"));
    let form = world.browser().get("/auth/login").await;
    let cookie = form.set_cookie("__Host-symbolon-login").unwrap();
    assert!(cookie.contains("; Secure") && cookie.contains("; HttpOnly"));
}

#[tokio::test]
async fn unknown_name_and_wrong_password_look_the_same_and_cost_one_hash_each() {
    let world = World::new().await;
    let mut answers = Vec::new();
    let disabled = "bob".parse().unwrap();
    world.service.accounts().disable(&disabled).await.unwrap();
    for (name, password) in [
        ("alice", OTHER_PASSWORD),
        ("nobody", PASSWORD),
        ("not a name!", PASSWORD),
        ("bob", PASSWORD),
        ("alice", &"x".repeat(2000)),
        ("alice", ""),
    ] {
        let before = world.hashes();
        let mut browser = world.browser();
        let answer = browser.log_in(name, password).await;
        assert_eq!(world.hashes() - before, 1, "{name}");
        assert!(browser.token().is_none());
        let csrf = answer.hidden("csrf");
        answers.push((answer.status, answer.body.replace(name, "NAME").replace(&csrf, "CSRF")));
    }
    assert_eq!(answers[0].0, 422);
    assert!(answers[0].1.contains("id=\"error\""));
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn the_password_is_compared_exactly_as_typed() {
    let world = World::new().await;
    for wrong in [
        "Open sesame, please",
        "open sesame, please ",
        " open sesame, please",
        "open sesame, please\0",
        "open sesame, pleas",
    ] {
        let answer = world.browser().log_in("alice", wrong).await;
        assert_eq!(answer.status, 422, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_typed_name_comes_back_escaped_and_a_password_never() {
    let world = World::new().await;
    let name = "\"><script>alert(1)</script>{{7*7}}";
    let answer = world.browser().log_in(name, OTHER_PASSWORD).await;
    assert!(!answer.body.contains("<script"));
    assert!(answer.body.contains("&lt;script&gt;"));
    assert!(!answer.body.contains("49"));
    assert!(!answer.body.contains(OTHER_PASSWORD));
}

#[tokio::test]
async fn after_log_in_one_lands_on_this_site_only() {
    let world = World::new().await;
    for (wish, location) in [
        ("/orders?page=2", "/orders?page=2"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/%2e%2e//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
    ] {
        let mut browser = world.browser();
        let form = browser.get("/auth/login").await;
        let csrf = form.hidden("csrf");
        let fields =
            [("csrf", &*csrf), ("return_to", wish), ("username", "alice"), ("password", PASSWORD)];
        let answer = browser.post("/auth/login", &fields).await;
        assert_eq!((answer.status, answer.header("location")), (303, location));
    }
}

#[tokio::test]
async fn whoever_is_logged_in_goes_straight_on() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let answer = browser.get("/auth/login?return_to=/orders").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/orders"));
    let answer = browser.get("/auth/login?return_to=//evil.example").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    assert_eq!(browser.get("/auth/login?reauthenticate=1").await.status, 200);
}

#[tokio::test]
async fn a_log_in_ends_the_session_that_the_browser_had_and_never_adopts_its_token() {
    let world = World::new().await;
    let attacker = world.logged_in("bob").await;
    let planted = attacker.token().unwrap().to_owned();
    let mut victim = world.browser();
    victim.cookies.insert("symbolon".to_owned(), planted.clone());
    let answer = victim.log_in("alice", PASSWORD).await;
    assert_eq!(answer.status, 303);
    assert_ne!(victim.token().unwrap(), planted);
    assert!(!attacker.clone().is_logged_in().await);

    let mut victim = world.browser();
    let invented = "syms_planted".to_owned();
    victim.cookies.insert("symbolon".to_owned(), invented.clone());
    victim.log_in("alice", PASSWORD).await;
    assert_ne!(victim.token().unwrap(), invented);
}

#[tokio::test]
async fn two_cookies_of_the_name_are_worth_none() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let token = browser.token().unwrap().to_owned();
    assert!(browser.is_logged_in().await);
    browser.headers.push(("cookie", format!("symbolon={token}")));
    assert!(!browser.is_logged_in().await);
}

#[tokio::test]
async fn nothing_that_opens_a_session_is_stored() {
    let world = World::new().await;
    let browser = world.logged_in("alice").await;
    let stored = world.stored_bytes();
    for secret in [browser.token().unwrap(), PASSWORD] {
        let needle = secret.as_bytes();
        assert!(!stored.windows(needle.len()).any(|window| window == needle));
    }
}
