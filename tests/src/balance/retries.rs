//! A request is tried again where that is safe, somewhere else, and never without end.

use std::net::TcpListener;

use super::scene::{failing, hanging, metric, named, settings, stage};
use crate::harness::http::Request;
use crate::harness::patience::now;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const ON_503: &str = ", retries: { on: [503] }";

#[test]
fn an_idempotent_request_is_tried_again_at_another_target() {
    let (good, bad) = (named("good"), failing("503 Service Unavailable"));
    let stage = stage(&[&bad, &good], ON_503);
    for method in ["GET", "DELETE", "OPTIONS"] {
        for _ in 0..4 {
            stage.exchange(&Request::new(method, "/many/x")).expect(200);
        }
    }
    assert_eq!((bad.hits(), good.hits()), (6, 12));
    stage.symbolon.access_log().wait_for("a second try", |line| {
        let is_it = line.contains("\"tries\":2") && line.contains(&good.address.to_string());
        is_it.then_some(())
    });
    let made = ["symbolon_retries_total", "service=\"many\"", "made"];
    assert_eq!(metric(&stage, &made), Some(6.0));
}

#[test]
fn what_may_have_been_done_is_not_done_again() {
    let bad = [failing("503 Service Unavailable"), failing("503 Service Unavailable")];
    let stage = stage(&[&bad[0], &bad[1]], ON_503);
    stage.exchange(&Request::post("/many/x")).expect(503);
    stage.exchange(&Request::post("/many/x").body(b"pay")).expect(503);
    stage.exchange(&Request::new("PATCH", "/many/x").body(b"{}")).expect(503);
    // Idempotent, but its body is gone.
    stage.exchange(&Request::new("PUT", "/many/x").body(b"{}")).expect(503);
    assert_eq!(bad[0].hits() + bad[1].hits(), 4);
}

#[test]
fn after_a_refused_connection_another_target_is_asked_only_where_that_is_wanted() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (on, refused) in [("[]", 5), ("[503]", 5), ("[refused]", 0), ("[connect_failure]", 0)] {
        let good = named("good");
        let keys = format!(", ejection: {{ consecutive_failures: 0 }}, retries: {{ on: {on} }}");
        let stage = Stage::set(&settings(&[gone, good.address], &keys), Upstream::plain());
        let statuses: Vec<_> = (0..10)
            .map(|_| stage.exchange(&Request::post("/many/x").body(b"pay")).status)
            .collect();
        let failed = statuses.iter().filter(|status| **status == 502).count();
        assert_eq!(failed, refused, "{on}: {statuses:?}");
        assert_eq!(good.hits(), 10 - refused);
    }
}

#[test]
fn a_reset_before_the_answer_is_tried_again_only_where_that_is_safe() {
    let resetting = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.reset();
        }
    });
    let good = named("good");
    let keys = ", ejection: { consecutive_failures: 0 }, retries: { on: [reset_before_response] }";
    let stage = stage(&[&resetting, &good], keys);
    for _ in 0..6 {
        stage.exchange(&Request::get("/many/x")).expect(200);
    }
    assert_eq!((resetting.hits(), good.hits()), (3, 6));
    let posts: Vec<_> =
        (0..6).map(|_| stage.exchange(&Request::post("/many/x").body(b"x")).status).collect();
    assert_eq!(posts.iter().filter(|status| **status == 502).count(), 3, "{posts:?}");
    assert_eq!((resetting.hits(), good.hits()), (6, 9));
}

#[test]
fn in_a_total_outage_retries_stay_within_their_budget() {
    let targets = [failing("503 Oops"), failing("503 Oops"), failing("503 Oops")];
    let keys = ", retries: { attempts: 5, on: [503], budget: 20% }";
    let stage = stage(&[&targets[0], &targets[1], &targets[2]], keys);
    let requests = 600;
    let mut connection = stage.connect();
    for _ in 0..requests {
        let answer = connection.exchange(&Request::get("/many/x")).expect(503);
        assert_eq!(answer.text(), "sorry", "the service's own answer");
    }
    let hits: usize = targets.iter().map(Upstream::hits).sum();
    // A reserve of 100, and a fifth of the requests.
    let most = requests + 100 + requests / 5;
    assert!((requests + 100..=most).contains(&hits), "{hits} and not at most {most}");
    let denied = ["symbolon_retries_total", "service=\"many\"", "denied"];
    assert!(metric(&stage, &denied).unwrap() > 300.0);
}

#[test]
fn a_budget_of_nothing_allows_nothing() {
    let targets = [failing("503 Oops"), named("good")];
    let keys = ", retries: { on: [503], budget: 0% }";
    let stage = stage(&[&targets[0], &targets[1]], keys);
    let statuses: Vec<_> =
        (0..10).map(|_| stage.exchange(&Request::get("/many/x")).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 503).count(), 5, "{statuses:?}");
}

#[test]
fn a_try_that_takes_too_long_is_given_up_for_another() {
    let (stuck, good) = (hanging(), named("good"));
    let keys = ", retries: { on: [504], per_try_timeout: 200ms }";
    let stage = stage(&[&stuck, &good], keys);
    for _ in 0..4 {
        let answer = stage.exchange(&Request::get("/many/hang")).expect(200);
        assert_eq!(answer.text(), "good");
    }
    assert_eq!(stuck.hits(), 2);
    // A request that may not be repeated waits no longer either.
    let posts: Vec<_> =
        (0..2).map(|_| stage.exchange(&Request::post("/many/hang").body(b"x")).status).collect();
    assert!(posts.contains(&504) && posts.contains(&200), "{posts:?}");
}

#[test]
fn all_tries_together_have_an_end() {
    let stuck = [hanging(), hanging()];
    let keys = ", timeouts: { total: 1s }, retries: { attempts: 10, on: [504], \
                per_try_timeout: 400ms }";
    let stage = stage(&[&stuck[0], &stuck[1]], keys);
    let began = now();
    let answer = stage.exchange(&Request::get("/many/hang")).expect(504);
    let waited = (now() - began).as_millis();
    assert_eq!(answer.json()["code"], "gateway_timeout");
    assert!((900..5000).contains(&waited), "{waited} ms");
    let hits = stuck[0].hits() + stuck[1].hits();
    assert_eq!(hits, 3, "400 ms, 400 ms, and what is left of the second");
}
