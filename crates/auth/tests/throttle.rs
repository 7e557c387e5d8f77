//! Many guesses: few are verified, and the right password gets through.

mod common;

use std::time::Duration;

use common::browser::{Answer, Browser};
use common::{OTHER_PASSWORD, PASSWORD, World};
use symbolon_core::throttle::MAX_WAIT;
use tokio::task::JoinSet;

/// Sends guesses at once, each from the browser that `from` gives, and counts statuses.
async fn guess(browsers: Vec<Browser>) -> Vec<Answer> {
    let mut guesses = JoinSet::new();
    for mut browser in browsers {
        guesses.spawn(async move { browser.log_in("alice", OTHER_PASSWORD).await });
    }
    guesses.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_guesses_at_most_a_hundred_are_verified_and_the_owner_gets_in() {
    let world = World::new().await;
    let before = world.hashes();
    let answers = guess(vec![world.browser(); 1000]).await;
    assert!(world.hashes() - before <= 100);
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(refused.len() >= 900, "{}", refused.len());
    for answer in refused {
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=8).contains(&wait), "{wait}");
        assert!(answer.body.contains("Too many attempts"));
    }
    let mut elsewhere = world.browser().at([203, 0, 113, 5]);
    assert_eq!(elsewhere.log_in("alice", PASSWORD).await.status, 303);
    world.clock.advance(MAX_WAIT);
    assert_eq!(world.browser().log_in("alice", PASSWORD).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_many_sources_are_few_and_the_owners_own_place_is_not_slowed() {
    let world = World::new().await;
    let mut owner = world.logged_in("alice").await;
    let before = world.hashes();
    let browsers = (0..1000_u32)
        .map(|number| {
            let [_, _, c, d] = number.to_be_bytes();
            world.browser().at([10, 0, c, d])
        })
        .collect();
    guess(browsers).await;
    assert!(world.hashes() - before <= 100);
    assert_eq!(owner.log_in("alice", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_session_that_exists_is_not_touched() {
    let world = World::new().await;
    let mut owner = world.logged_in("alice").await;
    for _ in 0..10 {
        world.browser().log_in("alice", OTHER_PASSWORD).await;
    }
    assert!(owner.is_logged_in().await);
}

#[tokio::test]
async fn a_borrowed_browser_is_no_place_to_guess_the_password() {
    let world = World::new().await;
    let mut browser = world.logged_in("alice").await;
    let before = world.hashes();
    let fields = [("current", "wrong"), ("new", OTHER_PASSWORD)];
    for _ in 0..10 {
        browser.submit("/auth/account/password", &fields).await;
        world.clock.advance(Duration::from_millis(1));
    }
    assert_eq!(world.hashes() - before, 10);
    let waiting = browser.submit("/auth/account/password", &fields);
    let waited = tokio::time::timeout(Duration::from_millis(100), waiting).await;
    assert!(waited.is_err(), "the eleventh did not wait");
    assert_eq!(world.hashes() - before, 10);
}
