//! More log-ins than the machine can hash: some are answered later, none wrongly.

mod common;

use common::{OTHER_PASSWORD, PASSWORD, World};
use tokio::task::JoinSet;

#[tokio::test]
async fn what_cannot_be_hashed_soon_is_refused_with_503_and_a_time_to_try_again() {
    let world = World::squeezed().await;
    let mut guesses = JoinSet::new();
    for number in 0..20 {
        let mut browser = world.browser().at([10, 0, 0, number]);
        guesses.spawn(async move { browser.log_in("nobody", OTHER_PASSWORD).await });
    }
    let answers = guesses.join_all().await;
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty());
    for answer in &answers {
        assert!([422, 503].contains(&answer.status), "{}", answer.status);
    }
    for answer in busy {
        assert_eq!(answer.header("retry-after"), "2");
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    assert_eq!(world.browser().log_in("alice", PASSWORD).await.status, 303);
}
