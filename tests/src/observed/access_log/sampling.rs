//! A share of the requests has a line, and what went wrong always has.

use serde_json::Value;

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

fn stage(sections: &str) -> Stage {
    let api = Upstream::answering(|request| {
        let status = if request.target().contains("broken") { "500 Oh" } else { "200 OK" };
        answer::with(status, &[], "ok")
    });
    Stage::set(&Settings { sections: sections.to_owned(), ..Settings::default() }, api)
}

/// The lines of a gateway that was stopped.
fn lines(mut stage: Stage) -> Vec<Value> {
    let log = stage.symbolon.access_log().clone();
    assert!(stage.symbolon.stop().success());
    log.to_the_end().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn errors_have_lines_and_rejections_where_that_is_said() {
    for (always, expected) in [
        ("", vec![500]),
        (", always: []", vec![]),
        (", always: [errors, rejections]", vec![401, 500]),
    ] {
        let stage = stage(&format!("access_log: {{ sampling: 0%{always} }}"));
        stage.exchange(&Request::get("/public/fine")).expect(200);
        stage.exchange(&Request::get("/api/out")).expect(401);
        stage.exchange(&Request::get("/nowhere")).expect(404);
        stage.exchange(&Request::get("/public/broken")).expect(500);
        let mut statuses: Vec<u64> =
            lines(stage).iter().map(|line| line["status"].as_u64().unwrap()).collect();
        // Each worker has lines of its own.
        statuses.sort_unstable();
        assert_eq!(statuses, expected, "{always}");
    }
}

#[test]
fn a_share_of_the_lines_is_written() {
    let stage = stage("access_log: { sampling: 50% }");
    let mut connection = stage.connect();
    for number in 0..400 {
        connection.exchange(&Request::get(&format!("/public/{number}"))).expect(200);
    }
    drop(connection);
    // Twenty standard deviations would be 200.
    let count = lines(stage).len();
    assert!((100..300).contains(&count), "{count}");
}

#[test]
fn all_requests_of_a_trace_share_their_fate() {
    let collector = Upstream::plain();
    let traces =
        format!("traces: {{ otlp_endpoint: http://{}, sampling: 25% }}", collector.address);
    let stage = stage(&format!(
        "telemetry: {{ {traces} }}\ntrusted_proxies: [127.0.0.1]\naccess_log: {{ sampling: 25% }}"
    ));
    // The lower half of the id is the coin: a quarter of all is below 0x4000….
    for (coin, name) in [("3fffffffffffff00", "in"), ("4000000000000100", "out")] {
        for turn in 0..3 {
            let above = format!("00-4bf92f3577b34da6{coin}-00f067aa0ba902b7-00");
            let request = Request::get(&format!("/public/{name}-{turn}"));
            stage.exchange(&request.with("traceparent", &above)).expect(200);
        }
    }
    let mut paths: Vec<String> =
        lines(stage).iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/public/in-0", "/public/in-1", "/public/in-2"]);
}
