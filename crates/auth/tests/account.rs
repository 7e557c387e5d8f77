//! The account page: one's sessions and one's password.

mod common;

use std::time::Duration;

use common::{OTHER_PASSWORD, PASSWORD, World};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[tokio::test]
async fn it_is_for_people_who_are_logged_in() {
    let world = World::new().await;
    let answer = world.browser().get("/auth/account").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/auth/login?return_to=/auth/account");
    let mut program = world.browser();
    program.headers = vec![("accept", "*/*".to_owned())];
    let answer = program.get("/auth/account").await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn it_lists_ones_own_sessions_with_device_place_and_time() {
    let world = World::new().await;
    let mut other = world.browser().at([198, 51, 100, 7]);
    other.headers.push(("user-agent", FIREFOX.to_owned()));
    other.log_in("alice", PASSWORD).await;
    world.logged_in("bob").await;
    world.clock.advance(Duration::from_mins(5));
    let mut browser = world.logged_in("alice").await;
    let page = browser.get("/auth/account").await;
    assert_eq!(page.session_ids().len(), 2);
    for part in [
        "Firefox on Linux",
        "198.51.100.7",
        "5 minutes ago",
        "This one",
        "id=\"logout\"",
        "id=\"logout-everywhere\"",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains(browser.token().unwrap()));
}

#[tokio::test]
async fn one_ends_ones_own_sessions_and_nobody_elses() {
    let world = World::new().await;
    let mut other = world.logged_in("alice").await;
    let mut browser = world.logged_in("alice").await;
    let mut bob = world.logged_in("bob").await;
    let bobs = bob.get("/auth/account").await.session_ids();
    for id in [&*bobs[0], "0".repeat(32).as_str(), "nonsense", ""] {
        let answer = browser.submit("/auth/account/sessions/end", &[("id", id)]).await;
        assert_eq!(answer.status, 404, "{id}");
    }
    assert!(bob.is_logged_in().await);

    let ids = browser.get("/auth/account").await.session_ids();
    let answer = browser.submit("/auth/account/sessions/end", &[("id", &ids[1])]).await;
    assert_eq!(answer.header("location"), "/auth/account?done=session");
    assert!(!other.is_logged_in().await);
    let page = browser.get("/auth/account?done=session").await;
    assert_eq!(page.session_ids().len(), 1);

    let answer = browser.submit("/auth/account/sessions/end", &[("id", &ids[0])]).await;
    assert_eq!(answer.header("location"), "/auth/login?logged_out=1");
    assert!(!browser.is_logged_in().await);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_at_its_absolute_end() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    world.clock.advance(Duration::from_mins(29));
    assert!(browser.is_logged_in().await);
    world.clock.advance(Duration::from_mins(30));
    assert!(!browser.is_logged_in().await);

    let mut browser = world.logged_in("alice").await;
    for _ in 0..(12 * 3) - 1 {
        world.clock.advance(Duration::from_mins(20));
        assert!(browser.is_logged_in().await);
    }
    world.clock.advance(Duration::from_mins(20));
    assert!(!browser.is_logged_in().await);
}

#[tokio::test]
async fn a_new_password_replaces_the_old_the_token_and_the_other_sessions() {
    let world = World::new().await;
    let mut other = world.logged_in("alice").await;
    let mut browser = world.logged_in("alice").await;
    let old = browser.clone();
    let fields = [("current", PASSWORD), ("new", OTHER_PASSWORD), ("end_others", "yes")];
    let answer = browser.submit("/auth/account/password", &fields).await;
    assert_eq!(answer.header("location"), "/auth/account?done=password");
    assert_ne!(browser.token(), old.token());
    assert!(browser.is_logged_in().await);
    assert!(!old.clone().is_logged_in().await);
    assert!(!other.is_logged_in().await);

    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.browser().log_in("alice", PASSWORD).await.status, 422);
    let answer = world.browser().log_in("alice", OTHER_PASSWORD).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn a_program_that_sets_a_new_password_learns_its_new_token() {
    let world = World::new().await;
    let mut program = world.logged_in("alice").await;
    let token = program.token().unwrap().to_owned();
    program.cookies.clear();
    program.headers.push(("authorization", format!("Bearer {token}")));
    let fields = [("csrf", ""), ("current", PASSWORD), ("new", OTHER_PASSWORD)];
    assert_eq!(program.post("/auth/account/password", &fields).await.status, 204);
    program.headers.pop();
    assert_ne!(program.token(), Some(&*token));
    assert!(program.is_logged_in().await);
}

#[tokio::test]
async fn the_other_sessions_stay_when_the_box_is_not_ticked() {
    let world = World::new().await;
    let mut other = world.logged_in("alice").await;
    let mut browser = world.logged_in("alice").await;
    let fields = [("current", PASSWORD), ("new", OTHER_PASSWORD)];
    assert_eq!(browser.submit("/auth/account/password", &fields).await.status, 303);
    assert!(other.is_logged_in().await);
}

#[tokio::test]
async fn a_bad_new_password_is_refused_with_its_reason() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    for (current, new, reason) in [
        ("wrong", OTHER_PASSWORD, "current password is not right"),
        ("", OTHER_PASSWORD, "current password is not right"),
        (PASSWORD, "too short", "at least 15 characters"),
        (PASSWORD, "ManchesterUnited", "tried first"),
        (PASSWORD, "alice@symbolon1", "little more than your name"),
        (PASSWORD, &"long ".repeat(300), "longer than 1024 bytes"),
    ] {
        let fields = [("current", current), ("new", new)];
        let answer = browser.submit("/auth/account/password", &fields).await;
        assert_eq!(answer.status, 422, "{new}");
        assert!(answer.body.contains(reason), "{reason}");
        assert!(new.is_empty() || !answer.body.contains(new));
    }
    assert!(browser.is_logged_in().await);
    assert_eq!(world.browser().log_in("alice", PASSWORD).await.status, 303);
}
