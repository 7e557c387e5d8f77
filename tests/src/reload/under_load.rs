//! Routes that change their meaning while requests go through them: none is dropped, and none is
//! judged by one configuration and served by the other (architecture.md 5, 7).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

/// How often the meaning changes.
const RELOADS: usize = 30;

/// Everybody is let through, to the service `api`.
const OPEN: &str = "  - { name: flip, paths: [/flip], service: api, authenticate: none }";
/// Only whoever is logged in is let through, to the service `protected`.
const CLOSED: &str =
    "  - { name: flip, paths: [/flip], service: protected, authenticate: [session] }";
/// What cannot be loaded changes nothing.
const BROKEN: &str = "  - { name: flip, paths: [/flip], service: protected }";

#[test]
fn no_request_is_dropped_or_judged_by_halves() {
    let protected = Upstream::answering(|request| {
        assert!(request.token().is_some(), "let in without a token");
        ok("protected")
    });
    let settings = |routes: &str| Settings {
        services: format!("  protected: {{ targets: [http://{}] }}", protected.address),
        routes: routes.to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings(OPEN), Upstream::answering(|_| ok("open")));
    let alice = stage.alice();
    let (is_over, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..4 {
            let (stage, is_over, served, alice) = (&stage, &is_over, &served, alice.clone());
            scope.spawn(move || {
                let mut connection = stage.connect();
                while !is_over.load(Ordering::Relaxed) {
                    let flip = Request::get("/flip/x");
                    let (request, strict) = match number {
                        0 | 1 => (flip, Request::get("/api/x")),
                        _ => (alice.dress(flip), alice.dress(Request::get("/api/x"))),
                    };
                    let answer = connection.exchange(&request);
                    match (number, answer.status) {
                        (_, 200) if answer.text() == "open" => {}
                        (0 | 1, 401) => {}
                        (2 | 3, 200) if answer.text() == "protected" => {}
                        _ => panic!("misjudged: {answer:?}"),
                    }
                    let expected = if number < 2 { 401 } else { 200 };
                    connection.exchange(&strict).expect(expected);
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 0..RELOADS {
            let (routes, message) = match round % 3 {
                0 => (CLOSED, "configuration reloaded"),
                1 => (BROKEN, "configuration not reloaded"),
                _ => (OPEN, "configuration reloaded"),
            };
            let yaml = settings(routes).yaml(stage.api.address, stage.other.address);
            stage.symbolon.write_config(&yaml);
            stage.symbolon.program().signal("HUP");
            // Each third of the rounds writes its own kind of line at least once.
            let rounds =
                if message.contains("not") { round / 3 + 1 } else { round + 1 - (round + 1) / 3 };
            stage.symbolon.log().wait_for_several(rounds, message, |line| {
                line.contains(&format!("\"{message}")).then_some(())
            });
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(served.into_inner() > RELOADS);
}
