//! One line of JSON for each request, whatever became of it.

mod rotation;
mod sampling;
mod syslog;
mod template;

use serde_json::Value;

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The line of the request for this path.
fn line_for(stage: &Stage, path: &str) -> Value {
    stage.symbolon.access_log().wait_for(path, |line| {
        let line: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        (line["path"] == path).then_some(line)
    })
}

#[test]
fn every_request_has_its_line() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/in?secret=in-the-query").expect(200);
    stage.exchange(&Request::get("/api/out")).expect(401);
    alice.get("/admin/no").expect(403);
    stage.exchange(&Request::get("/nowhere")).expect(404);

    let line = line_for(&stage, "/api/in");
    for (name, value) in [
        ("method", "GET"),
        ("host", "shop.test"),
        ("route", "api"),
        ("service", "api"),
        ("principal", "alice"),
        ("authenticator", "session"),
        ("source", "127.0.0.1"),
    ] {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!(line["status"], 200);
    assert_eq!(line["bytes_sent"], 2);
    assert!(line["duration_us"].as_u64().is_some_and(|took| took > 0), "{line}");
    assert!(line["time"].as_str().unwrap().ends_with('Z'), "{line}");
    assert!(!line.to_string().contains("in-the-query"), "{line}");
    assert_eq!(line["session.id"], stage.api.only_request().claims()["sid"]);
    let id = stage.api.only_request().headers().get("x-request-id").unwrap().to_owned();
    assert_eq!(line["request_id"], id);

    for (path, status, rejection) in [
        ("/api/out", 401, "no_credentials"),
        ("/admin/no", 403, "forbidden"),
        ("/nowhere", 404, "no_route"),
    ] {
        let line = line_for(&stage, path);
        assert_eq!((&line["status"], &line["rejection"]), (&status.into(), &rejection.into()));
    }
}

#[test]
fn the_log_goes_where_the_configuration_says() {
    let sections = "access_log: FOLDER/access.log".to_owned();
    let mut stage = Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain());
    stage.exchange(&Request::get("/public/1")).expect(200);
    stage.symbolon.stop();
    let text = std::fs::read_to_string(stage.symbolon.folder().join("access.log")).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("\"/public/1\""), "{text}");
}

#[test]
fn a_client_that_leaves_is_logged_too() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(&Request::get("/public/gone").to_bytes());
    stage.api.wait_for_hits(1);
    drop(connection);
    let line = line_for(&stage, "/public/gone");
    assert!(line["status"].is_null(), "{line}");
    assert_eq!(line["route"], "public");
}

#[test]
fn a_request_that_cannot_be_read_is_logged_too() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nBad Header: x\r\n\r\n");
    connection.response().expect(400);
    let line = stage.symbolon.access_log().wait_for("the refusal", |line| {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["status"] == 400).then_some(line)
    });
    assert_eq!(line["rejection"], "malformed", "{line}");
    assert_eq!(line["source"], "127.0.0.1", "{line}");
}

#[test]
fn nothing_breaks_out_of_its_line() {
    let stage = Stage::plain();
    let mut visitor = stage.visitor();
    visitor.get("/public/%22%7D%0A").expect(400);
    visitor.get("/public/%22%7D,%7B%22status%22:1%7D").expect(200);
    visitor.try_log_in("x\"}\n{\"level\":\"FORGED\"}", "y").unwrap();
    stage.exchange(&Request::get("/public/last").with("User-Agent", "\"}{\"")).expect(200);
    line_for(&stage, "/public/last");
    let logs = [stage.symbolon.access_log().all(), stage.symbolon.log().all()].concat();
    for line in logs {
        let line: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_ne!(line["level"], "FORGED");
    }
}

#[test]
fn there_is_exactly_one_line_for_each_request() {
    let mut stage = Stage::plain();
    let mut connection = stage.connect();
    for number in 0..50 {
        connection.exchange(&Request::get(&format!("/public/{number}")));
    }
    drop(connection);
    let log = stage.symbolon.access_log().clone();
    assert!(stage.symbolon.stop().success());
    let lines = log.to_the_end();
    for number in 0..50 {
        let path = format!("\"/public/{number}\"");
        assert_eq!(lines.iter().filter(|line| line.contains(&path)).count(), 1, "{path}");
    }
    assert_eq!(lines.len(), 50);
}
