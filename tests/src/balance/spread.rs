//! Which target gets how much.

use std::thread;
use std::time::Duration;

use super::scene::{failing, hanging, named, stage};
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

#[test]
fn equal_targets_get_equal_shares_over_all_workers() {
    let targets = [named("a"), named("b"), named("c")];
    let stage = stage(&[&targets[0], &targets[1], &targets[2]], "");
    for _ in 0..60 {
        stage.exchange(&Request::get("/many/x")).expect(200);
    }
    assert_eq!(targets.each_ref().map(Upstream::hits), [20, 20, 20]);
}

#[test]
fn least_requests_avoids_a_target_that_is_busy() {
    let targets = [hanging(), hanging()];
    let stage = stage(&[&targets[0], &targets[1]], ", balance: least_requests");
    let mut stuck = stage.connect();
    stuck.send(&Request::get("/many/hang").to_bytes());
    let is_asked = |target: &&Upstream| target.hits() == 1;
    eventually("the request that hangs", || targets.iter().find(is_asked));
    for _ in 0..40 {
        stage.exchange(&Request::get("/many/x")).expect(200);
    }
    let mut hits = targets.each_ref().map(Upstream::hits);
    hits.sort_unstable();
    assert_eq!(hits, [1, 40]);
}

#[test]
fn ewma_is_not_taken_in_by_a_target_that_fails_fast() {
    let good = Upstream::answering(|_| {
        thread::sleep(Duration::from_millis(20));
        ok("good")
    });
    let bad = failing("500 Oops");
    let stage = stage(&[&good, &bad], ", balance: ewma");
    let mut connection = stage.connect();
    for _ in 0..50 {
        connection.exchange(&Request::get("/many/x"));
    }
    assert!(good.hits() >= 45, "good {}, bad {}", good.hits(), bad.hits());
}

#[test]
fn ewma_avoids_a_target_that_is_slow() {
    let slow = Upstream::answering(|_| {
        thread::sleep(Duration::from_millis(100));
        ok("slow")
    });
    let fast = named("fast");
    let stage = stage(&[&slow, &fast], ", balance: ewma");
    let mut connection = stage.connect();
    for _ in 0..50 {
        connection.exchange(&Request::get("/many/x")).expect(200);
    }
    assert!(fast.hits() >= 45, "slow {}, fast {}", slow.hits(), fast.hits());
}
