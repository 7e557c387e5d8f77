//! What is known of targets outlives a reload.

use super::scene::{failing, hanging, metric, named, settings, wait_for_log};
use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{ok, with};

/// Writes the same configuration with one more route and waits until it holds.
fn reload(stage: &Stage, targets: &[&Upstream], keys: &str) {
    let addresses: Vec<_> = targets.iter().map(|target| target.address).collect();
    let mut settings = settings(&addresses, keys);
    settings.routes += "\n  - { name: new, paths: [/new], service: other, authenticate: none }";
    stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
    stage
        .symbolon
        .log()
        .wait_for("the reload", |line| line.contains("configuration reloaded").then_some(()));
    stage.exchange(&Request::get("/new")).expect(200);
}

#[test]
fn an_ejected_target_stays_out_and_a_new_one_is_in() {
    let (bad, good, new) = (failing("500 Oops"), named("good"), named("new"));
    let keys = ", ejection: { consecutive_5xx: 3, base_time: 1h, max_time: 1h }";
    let stage = Stage::set(&settings(&[bad.address, good.address], keys), Upstream::plain());
    for _ in 0..10 {
        stage.exchange(&Request::get("/many/x"));
    }
    assert_eq!(bad.hits(), 3);
    reload(&stage, &[&bad, &good, &new], keys);
    for _ in 0..20 {
        stage.exchange(&Request::get("/many/x")).expect(200);
    }
    assert_eq!((bad.hits(), new.hits()), (3, 10));
    let target = bad.address.to_string();
    assert_eq!(metric(&stage, &["symbolon_target_available", &target]), Some(0.0));
}

#[test]
fn an_unhealthy_target_stays_out_though_its_checks_change_and_is_in_without_any() {
    // The one answers no check, and everything else.
    let sick = Upstream::answering(|request| match request.target() {
        "/healthz" => with("500 Oops", &[], ""),
        _ => ok("sick"),
    });
    let good = named("good");
    let keys = |rest: &str| format!(", health: {{ path: /healthz, interval: {rest} }}");
    let quick = keys("100ms, unhealthy_after: 1");
    let stage = Stage::set(&settings(&[sick.address, good.address], &quick), Upstream::plain());
    wait_for_log(&stage, "target is unhealthy", sick.address);
    reload(&stage, &[&sick, &good], &keys("1h, unhealthy_after: 100"));
    for _ in 0..10 {
        assert_eq!(stage.exchange(&Request::get("/many/x")).expect(200).text(), "good");
    }
    let addresses = [sick.address, good.address];
    let yaml = settings(&addresses, "").yaml(stage.api.address, stage.other.address);
    stage.symbolon.write_config(&yaml);
    wait_for_log(&stage, "target is healthy", sick.address);
    let answers: Vec<_> = (0..4)
        .map(|_| stage.exchange(&Request::get("/many/x")).expect(200).text().to_owned())
        .collect();
    assert!(answers.iter().any(|answer| answer == "sick"), "{answers:?}");
}

#[test]
fn requests_under_way_count_against_new_bounds() {
    let target = hanging();
    let keys = |most: u32| format!(", breaker: {{ max_requests: {most} }}");
    let stage = Stage::set(&settings(&[target.address], &keys(5)), Upstream::plain());
    let mut stuck = stage.connect();
    stuck.send(&Request::get("/many/hang").to_bytes());
    target.wait_for_hits(1);
    reload(&stage, &[&target], &keys(1));
    let refused = stage.exchange(&Request::get("/many/x")).expect(503);
    assert_eq!(refused.json()["code"], "overloaded");
}

#[test]
fn a_target_that_is_no_longer_there_leaves_no_series_behind() {
    let (one, two) = (named("one"), named("two"));
    let stage = Stage::set(&settings(&[one.address, two.address], ""), Upstream::plain());
    let gone = two.address.to_string();
    assert_eq!(metric(&stage, &["symbolon_target_available", &gone]), Some(1.0));
    reload(&stage, &[&one], "");
    assert_eq!(metric(&stage, &["symbolon_target_available", &gone]), None);
}
