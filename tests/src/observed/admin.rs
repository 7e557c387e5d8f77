//! The admin listener: health, readiness and metrics, never on a public listener.

use crate::harness::http::{Connection, Request, Response, exchange};
use crate::harness::patience::eventually;
use crate::harness::stage::Stage;

fn ask(stage: &Stage, target: &str) -> Response {
    let host = stage.symbolon.admin.to_string();
    exchange(stage.symbolon.admin, &Request::get(target).with("Host", &host))
}

#[test]
fn health_and_readiness_are_told() {
    let stage = Stage::plain();
    ask(&stage, "/healthz").expect(200);
    // It listens a moment before it is ready.
    eventually("readiness", || (ask(&stage, "/readyz").status == 200).then_some(()));
    ask(&stage, "/nothing").expect(404);
}

#[test]
fn requests_are_counted() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/x").expect(200);
    stage.exchange(&Request::get("/api/x")).expect(401);
    stage.exchange(&Request::get("/nowhere")).expect(404);
    let metrics = ask(&stage, "/metrics").expect(200);
    assert!(metrics.header("content-type").unwrap().contains("text"));
    let text = metrics.text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let count = |words: &[&str]| -> f64 {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.filter(|line| words.iter().all(|word| line.contains(word)));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    };
    assert!(count(&["symbolon_requests_total", "route=\"api\"", "2xx"]) >= 1.0, "{text}");
    assert!(count(&["symbolon_requests_total", "route=\"api\"", "4xx"]) >= 1.0, "{text}");
    assert!(count(&["symbolon_log_ins_total", "succeeded"]) >= 1.0, "{text}");
    assert!(count(&["process_resident_memory_bytes"]) > 1e6, "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let value = line.rsplit(' ').next().unwrap();
        assert!(value.parse::<f64>().is_ok(), "no number: {line}");
        // Series must not grow with what strangers ask for.
        assert!(!line.contains("nowhere") && !line.contains("alice"), "{line}");
    }
}

#[test]
fn the_public_listener_knows_nothing_of_it() {
    let stage = Stage::plain();
    for target in ["/healthz", "/readyz", "/metrics", "/v1/openapi.json"] {
        stage.exchange(&Request::get(target)).expect(404);
    }
}

#[test]
fn a_web_page_of_a_foreign_name_gets_nothing() {
    let stage = Stage::plain();
    for host in ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test"] {
        let answer = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", host));
        assert!((400..500).contains(&answer.status), "{host}: {answer:?}");
    }
    let mut connection = Connection::to(stage.symbolon.admin);
    connection.send(b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    connection.response().expect(405);
}
