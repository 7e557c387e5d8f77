//! Log-out: here, everywhere, by cookie and by bearer token.

mod common;

use axum::body::Body;
use axum::http::Request;
use common::World;
use common::browser::Browser;

fn bearer(world: &World, token: &str) -> Browser {
    let mut program = world.browser();
    program.headers = vec![
        ("accept", "application/json".to_owned()),
        ("authorization", format!("Bearer {token}")),
    ];
    program
}

#[tokio::test]
async fn log_out_ends_the_session_and_makes_the_browser_forget() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let token = browser.token().unwrap().to_owned();
    let answer = browser.submit("/auth/logout", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/auth/login?logged_out=1");
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    assert!(answer.set_cookie("symbolon").unwrap().contains("Max-Age=0"));
    let page = browser.get(answer.header("location")).await;
    assert!(page.body.contains("You are logged out"));

    browser.cookies.insert("symbolon".to_owned(), token.clone());
    assert!(!browser.is_logged_in().await);
    assert_eq!(bearer(&world, &token).get("/auth/account").await.status, 401);
}

#[tokio::test]
async fn other_sessions_survive_a_log_out_unless_it_is_everywhere() {
    let world = World::new().await;
    let mut here = world.logged_in("alice").await;
    let mut there = world.logged_in("alice").await;
    let mut bob = world.logged_in("bob").await;
    here.submit("/auth/logout", &[]).await;
    assert!(there.is_logged_in().await);

    let mut here = world.logged_in("alice").await;
    let answer = here.submit("/auth/logout", &[("everywhere", "yes")]).await;
    assert_eq!(answer.status, 303);
    assert!(!here.is_logged_in().await && !there.is_logged_in().await);
    assert!(bob.is_logged_in().await);
}

#[tokio::test]
async fn a_log_out_without_a_session_is_fine() {
    let world = World::new().await;
    let answer = world.browser().post("/auth/logout", &[]).await;
    assert_eq!(answer.status, 303);
    let page = world.browser().get("/auth/logout").await;
    assert!(page.body.contains("You are not logged in"));
}

#[tokio::test]
async fn a_program_logs_out_with_its_bearer_token_alone() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let mut program = bearer(&world, browser.token().unwrap());
    let request = Request::post("/auth/logout").body(Body::empty()).unwrap();
    assert_eq!(program.send(request).await.status, 204);
    assert!(!browser.is_logged_in().await);
}

#[tokio::test]
async fn a_cookie_beside_a_bad_bearer_token_counts_for_nothing() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    browser.headers.push(("authorization", "Bearer nonsense".to_owned()));
    assert!(!browser.is_logged_in().await);
    let request = Request::post("/auth/logout").body(Body::empty()).unwrap();
    assert_eq!(browser.send(request).await.status, 401);
    browser.headers.pop();
    assert!(browser.is_logged_in().await);
    assert_eq!(world.metrics.log_outs(), 0);
}

#[tokio::test]
async fn a_password_that_the_browser_adds_leaves_the_cookie_what_it_is() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let token = browser.token().unwrap().to_owned();
    browser.headers.push(("authorization", "Basic eDp5".to_owned()));
    assert!(browser.is_logged_in().await);
    assert_eq!(browser.submit("/auth/logout", &[]).await.status, 303);
    assert_eq!(bearer(&world, &token).get("/auth/account").await.status, 401);
}

#[tokio::test]
async fn nobody_is_told_to_be_logged_out_whose_session_lives_on() {
    let world = World::new().await;
    let browser = world.logged_in("alice").await;
    let token = browser.token().unwrap().to_owned();
    let mut doubled = world.browser();
    let cookies = format!("symbolon={token}; symbolon={token}");
    doubled.headers.push(("cookie", cookies));
    let answer = doubled.post("/auth/logout", &[]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.headers.get("set-cookie").is_none());
    assert_eq!(bearer(&world, &token).get("/auth/account").await.status, 200);
}

#[tokio::test]
async fn another_site_cannot_make_the_browser_forget_the_session() {
    let world = World::new().await;
    // `SameSite=Lax` keeps the cookie out of a form of another site.
    let mut browser = world.browser();
    browser.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    let answer = browser.post("/auth/logout", &[]).await;
    assert_eq!(answer.status, 403);
    assert!(answer.headers.get("set-cookie").is_none());
    assert!(answer.headers.get("clear-site-data").is_none());
}
