//! A restart is no way to begin afresh.

use std::time::Duration;

use super::{basic, stage};
use crate::harness::patience::now;
use crate::harness::stage::Stage;

/// What one address has free for one account.
const FREE: usize = 10;

fn guess(stage: &Stage, number: usize) -> Duration {
    let (began, guess) = (now(), format!("a wrong guess, number {number}"));
    stage.exchange(&basic("alice", &guess)).expect(401);
    now() - began
}

/// Two guesses with a fresh budget wait for nothing. Here the first may have waited while the
/// system started, and the second waits for seconds.
fn two_more(stage: &Stage) -> Duration {
    guess(stage, FREE + 3) + guess(stage, FREE + 4)
}

#[test]
fn guesses_of_before_a_restart_count_after_it() {
    let mut stage = stage();
    stage.symbolon.add_user("alice", &[]);
    for number in 0..FREE + 3 {
        guess(&stage, number);
    }
    assert!(stage.symbolon.stop().success());
    stage.symbolon.start_again();
    let waited = two_more(&stage);
    assert!(waited >= Duration::from_millis(900), "{waited:?}");
}

#[test]
fn guesses_of_before_a_crash_count_after_it() {
    let mut stage = stage();
    stage.symbolon.add_user("alice", &[]);
    for number in 0..FREE + 2 {
        guess(&stage, number);
    }
    // It waits for a second itself, in which those before it are written.
    guess(&stage, FREE + 2);
    stage.symbolon.kill();
    stage.symbolon.start_again();
    let waited = two_more(&stage);
    assert!(waited >= Duration::from_millis(900), "{waited:?}");
}
