//! One of three targets is killed under load.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::killable::Killable;
use super::scene::{metric, settings, wait_for_log};
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const KEYS: &str = ", health: { path: /healthz, interval: 100ms, timeout: 1s, healthy_after: 1, \
                    unhealthy_after: 1 }, \
                    retries: { on: [connect_failure, reset_before_response] }";

#[test]
fn a_target_killed_under_load_fails_no_request_and_comes_back_by_its_health_checks() {
    let mut targets = [Killable::start(), Killable::start(), Killable::start()];
    let addresses = targets.each_ref().map(|target| target.address);
    let stage = Stage::set(&settings(&addresses, KEYS), Upstream::plain());
    let (is_over, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = stage.connect();
                while !is_over.load(Ordering::Relaxed) {
                    connection.exchange(&Request::get("/many/x")).expect(200);
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let wait_for_more = |more: usize| {
            let until = served.load(Ordering::Relaxed) + more;
            eventually("requests", || (served.load(Ordering::Relaxed) >= until).then_some(()));
        };
        for target in &mut targets {
            wait_for_more(100);
            target.kill();
            wait_for_log(&stage, "target is unhealthy", target.address);
            wait_for_more(100);
            let address = target.address.to_string();
            let words = ["symbolon_target_available", address.as_str(), "service=\"many\""];
            assert_eq!(metric(&stage, &words), Some(0.0));
            let dead = target.hits();
            target.revive();
            wait_for_log(&stage, "target is healthy", target.address);
            eventually("its share", || (target.hits() > dead + 20).then_some(()));
            assert_eq!(metric(&stage, &words), Some(1.0));
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn without_health_checks_connections_that_fail_take_a_target_out_and_time_brings_it_back() {
    let mut targets = [Killable::start(), Killable::start()];
    let addresses = targets.each_ref().map(|target| target.address);
    let keys = ", ejection: { base_time: 300ms }";
    let stage = Stage::set(&settings(&addresses, keys), Upstream::plain());
    targets[0].kill();
    for _ in 0..20 {
        stage.exchange(&Request::post("/many/x")).expect(200);
    }
    wait_for_log(&stage, "target is left out", targets[0].address);
    targets[0].revive();
    eventually("the target", || {
        stage.exchange(&Request::get("/many/x")).expect(200);
        (targets[0].hits() > 5).then_some(())
    });
    wait_for_log(&stage, "target is back after its ejection", targets[0].address);
}
