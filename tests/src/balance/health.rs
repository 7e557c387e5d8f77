//! Active health checks decide before requests have to suffer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::scene::{stage, wait_for_log};
use crate::harness::http::Request;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{ok, with};

const KEYS: &str = ", health: { path: \"/healthz?deep=1\", interval: 100ms, timeout: 500ms, \
                    healthy_after: 2, unhealthy_after: 2, expect_status: [200, 204] }";

/// A target that is as healthy as the flag says and serves in any case.
fn sickly(name: &'static str) -> (Upstream, Arc<AtomicBool>) {
    let is_well = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&is_well);
    let upstream =
        Upstream::answering(move |request| match (request.target(), flag.load(Ordering::SeqCst)) {
            ("/healthz?deep=1", true) => with("204 No Content", &[], ""),
            ("/healthz?deep=1", false) => with("302 Found", &[("Location", "/login")], ""),
            _ => ok(name),
        });
    (upstream, is_well)
}

#[test]
fn a_target_whose_checks_fail_gets_no_requests_until_they_succeed_again() {
    let (one, is_well) = sickly("one");
    let two = Upstream::answering(|request| match request.target() {
        "/healthz?deep=1" => ok("fine"),
        _ => ok("two"),
    });
    let stage = stage(&[&one, &two], KEYS);
    is_well.store(false, Ordering::SeqCst);
    wait_for_log(&stage, "target is unhealthy", one.address);
    for _ in 0..20 {
        assert_eq!(stage.exchange(&Request::get("/many/x")).expect(200).text(), "two");
    }
    is_well.store(true, Ordering::SeqCst);
    wait_for_log(&stage, "target is healthy", one.address);
    let answers: Vec<_> = (0..10)
        .map(|_| stage.exchange(&Request::get("/many/x")).expect(200).text().to_owned())
        .collect();
    assert_eq!(answers.iter().filter(|answer| *answer == "one").count(), 5, "{answers:?}");
    // No identity, no token, and no connection that a request would get.
    let check = one.requests().into_iter().find(|request| request.target().starts_with("/health"));
    let check = check.unwrap();
    assert_eq!(check.method(), "GET");
    assert_eq!(check.headers().get("authorization"), None);
    assert_eq!(check.headers().get("connection"), Some("close"));
}

#[test]
fn a_target_that_comes_back_starts_slowly_if_it_may() {
    let (one, is_well) = sickly("one");
    let (two, _) = sickly("two");
    let stage = stage(&[&one, &two], &format!("{KEYS}, slow_start: 1h"));
    is_well.store(false, Ordering::SeqCst);
    wait_for_log(&stage, "target is unhealthy", one.address);
    is_well.store(true, Ordering::SeqCst);
    wait_for_log(&stage, "target is healthy", one.address);
    let answers: Vec<_> = (0..100)
        .map(|_| stage.exchange(&Request::get("/many/x")).expect(200).text().to_owned())
        .collect();
    let count = answers.iter().filter(|answer| *answer == "one").count();
    assert!((1..20).contains(&count), "{count} of 100, and not about 5");
}

#[test]
fn when_no_target_is_healthy_all_of_them_are_used() {
    let ((one, well_one), (two, well_two)) = (sickly("one"), sickly("two"));
    let stage = stage(&[&one, &two], KEYS);
    well_one.store(false, Ordering::SeqCst);
    well_two.store(false, Ordering::SeqCst);
    wait_for_log(&stage, "target is unhealthy", one.address);
    wait_for_log(&stage, "target is unhealthy", two.address);
    for _ in 0..10 {
        stage.exchange(&Request::get("/many/x")).expect(200);
    }
    let served = |target: &Upstream| {
        target.requests().iter().filter(|request| request.target() == "/many/x").count()
    };
    assert_eq!((served(&one), served(&two)), (5, 5));
}

#[test]
fn a_target_that_accepts_and_says_nothing_is_unhealthy() {
    let silent = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            if request.target().starts_with("/health") {
                return peer.wait_until_closed();
            }
            peer.write(&ok("silent"));
        }
    });
    let good = Upstream::answering(|_| ok("good"));
    let stage = stage(&[&silent, &good], KEYS);
    wait_for_log(&stage, "target is unhealthy", silent.address);
    for _ in 0..10 {
        assert_eq!(stage.exchange(&Request::get("/many/x")).expect(200).text(), "good");
    }
}
