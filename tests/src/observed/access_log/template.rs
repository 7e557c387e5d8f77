//! Lines in the operator's own form say what JSON says, and nobody forges one.

use serde_json::json;

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::{Upstream, answer};

/// Every field that the documentation names.
const FIELDS: [&str; 22] = [
    "time",
    "request_id",
    "source",
    "method",
    "host",
    "path",
    "status",
    "route",
    "service",
    "target",
    "tries",
    "principal",
    "session.id",
    "authenticator",
    "decision.rule",
    "rejection",
    "detail",
    "failure",
    "trace_id",
    "concealed",
    "bytes_sent",
    "duration_us",
];

fn stage(format: &str) -> Stage {
    let sections = format!("access_log: {{ format: '{format}' }}");
    Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain())
}

fn line_with(stage: &Stage, text: &str) -> String {
    let of = |line: &str| line.contains(text).then(|| line.to_owned());
    stage.symbolon.access_log().wait_for(text, of)
}

#[test]
fn every_field_has_its_value_or_a_dash() {
    let format = FIELDS.map(|name| format!("{name}={{{name}}}|")).concat();
    let stage = stage(&format);
    let mut alice = stage.alice();
    alice.get("/api/in?secret=in-the-query").expect(200);
    let line = line_with(&stage, "path=/api/in|");
    let values: Vec<&str> = line.trim_end_matches('|').split('|').collect();
    let value = |name: &str| {
        let prefix = format!("{name}=");
        values.iter().find_map(|value| value.strip_prefix(&*prefix)).unwrap().to_owned()
    };
    let received = stage.api.only_request();
    let target = stage.api.address.to_string();
    let id = received.headers().get("x-request-id").unwrap().to_owned();
    let session = received.claims()["sid"].as_str().unwrap().to_owned();
    for (name, expected) in [
        ("request_id", id.as_str()),
        ("source", "127.0.0.1"),
        ("method", "GET"),
        ("host", "shop.test"),
        ("status", "200"),
        ("route", "api"),
        ("service", "api"),
        ("target", &target),
        ("tries", "1"),
        ("principal", "alice"),
        ("session.id", &session),
        ("authenticator", "session"),
        ("decision.rule", "no_requirement"),
        ("rejection", "-"),
        ("detail", "-"),
        ("failure", "-"),
        ("trace_id", "-"),
        ("concealed", "-"),
        ("bytes_sent", "2"),
    ] {
        assert_eq!(value(name), expected, "{name}: {line}");
    }
    assert!(value("time").ends_with('Z') && value("time").len() == 24, "{line}");
    assert!(value("duration_us").parse::<u64>().is_ok_and(|took| took > 0), "{line}");
    stage.exchange(&Request::get("/api/out")).expect(401);
    let line = line_with(&stage, "path=/api/out|");
    assert!(line.contains("|rejection=no_credentials|detail=no credential"), "{line}");
}

#[test]
fn nobody_forges_a_line_or_the_end_of_a_value() {
    // A service names a key that it may not write; the name stands in the detail.
    let key = json!({ "x\"\n\u{2028}{forged}\\": 1 });
    let change = answer::patch(&key);
    let api = Upstream::answering(move |_| answer::changing_session(&change));
    let format = "{method} \"{path}\" \"{principal}\" {{{status}}} \"{detail}\"";
    let sections = format!("access_log: {{ format: '{format}' }}");
    let stage = Stage::set(&Settings { sections, ..Settings::default() }, api);
    let mut alice = stage.alice();
    alice.get("/api/x").expect(502);
    let line = line_with(&stage, "/api/x");
    assert!(line.contains(r#"`x\"\u000a\u2028{forged}\\`"#), "{line}");
    stage.exchange(&Request::get("/public/%22,%E2%80%A8x")).expect(502);
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nHost: \"\x1b[31m\r\n\r\n");
    connection.response().expect(400);
    stage.exchange(&Request::get("/public/last")).expect(502);
    line_with(&stage, "/public/last");
    for line in stage.symbolon.access_log().all() {
        let quotes = line.replace("\\\"", "").split('"').count() - 1;
        assert!(line.ends_with('"') && quotes == 6, "{line}");
        assert!(!line.chars().any(|character| character.is_control() || character == '\u{2028}'));
    }
}

#[test]
fn what_is_no_template_does_not_load() {
    let symbolon = Symbolon::start(
        &Settings::default().yaml("127.0.0.1:1".parse().unwrap(), "127.0.0.1:1".parse().unwrap()),
    );
    for (format, told) in [
        ("{methd} {path}", "did you mean `method`?"),
        ("jsno", "did you mean `json`?"),
        ("{path", "a single brace"),
    ] {
        let sections = format!("access_log: {{ format: \"{format}\" }}");
        let settings = Settings { sections, ..Settings::default() };
        let nowhere = "127.0.0.1:1".parse().unwrap();
        symbolon.write_config(&settings.yaml(nowhere, nowhere));
        let output = symbolon.command(&["config", "check"], "");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{text}");
        assert!(text.contains(told), "{text}");
    }
}
