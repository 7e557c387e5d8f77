//! Targets that fail requests are left out for a while, but never too many of them.

use super::scene::{failing, metric, named, settings, stage, wait_for_log};
use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const KEYS: &str = ", ejection: { consecutive_5xx: 3, base_time: 1h, max_time: 1h }";

#[test]
fn errors_in_a_row_take_a_target_out() {
    let (good, bad) = (named("good"), failing("500 Internal Server Error"));
    let stage = stage(&[&bad, &good], KEYS);
    let statuses: Vec<_> =
        (0..40).map(|_| stage.exchange(&Request::get("/many/x")).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 500).count(), 3, "{statuses:?}");
    assert_eq!((bad.hits(), good.hits()), (3, 37));
    wait_for_log(&stage, "target is left out", bad.address);
    let target = bad.address.to_string();
    assert_eq!(metric(&stage, &["symbolon_target_ejections_total", &target]), Some(1.0));
    assert_eq!(metric(&stage, &["symbolon_target_available", &target]), Some(0.0));
    let target = good.address.to_string();
    assert_eq!(metric(&stage, &["symbolon_target_available", &target]), Some(1.0));
}

#[test]
fn no_more_than_the_share_is_out_at_once() {
    let targets = [failing("500 Oops"), failing("500 Oops"), failing("500 Oops")];
    let stage = stage(&[&targets[0], &targets[1], &targets[2]], KEYS);
    for _ in 0..60 {
        stage.exchange(&Request::get("/many/x")).expect(500);
    }
    let mut hits = targets.each_ref().map(Upstream::hits);
    hits.sort_unstable();
    assert_eq!(hits[0], 3, "one is out: {hits:?}");
    assert!(hits[1] > 20, "the others serve on: {hits:?}");
}

#[test]
fn the_only_target_is_never_left_out() {
    let bad = failing("500 Oops");
    let stage = stage(&[&bad], KEYS);
    for _ in 0..20 {
        stage.exchange(&Request::get("/many/x")).expect(500);
    }
    assert_eq!(bad.hits(), 20);
    assert_eq!(metric(&stage, &["symbolon_target_ejections_total", "\"many\""]), Some(0.0));
}

#[test]
fn clients_that_stop_sending_take_nobody_out() {
    let (one, two) = (named("one"), named("two"));
    let mut settings = settings(
        &[one.address, two.address],
        ", ejection: { consecutive_failures: 2 }, timeouts: { response: 200ms }",
    );
    settings.sections = "limits: { body_timeout: 1s }".to_owned();
    let stage = Stage::set(&settings, Upstream::plain());
    let head = b"POST /many/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 10\r\n\r\nhalf";
    let mut stalled: Vec<_> = (0..8).map(|_| stage.connect()).collect();
    for connection in &mut stalled {
        connection.send(head);
    }
    for connection in &mut stalled {
        let answer = connection.try_response("POST");
        assert!(answer.as_ref().map_or(true, |answer| answer.status == 408), "{answer:?}");
    }
    for target in [&one, &two] {
        let target = target.address.to_string();
        assert_eq!(metric(&stage, &["symbolon_target_available", &target]), Some(1.0));
    }
}
