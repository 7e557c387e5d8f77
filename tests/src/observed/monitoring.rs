//! The dashboard and the alert rules ask for meters that there are, and for reasons that there are.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::harness::http::{Request, exchange};
use crate::harness::stage::Stage;
use crate::harness::surroundings;

fn file(name: &str) -> String {
    fs::read_to_string(surroundings::repository().join("examples/monitoring").join(name)).unwrap()
}

/// The names of meters in an expression.
fn meters(text: &str) -> BTreeSet<String> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let words = text.split(|character| !is_name(character));
    let is_meter = |word: &&str| word.starts_with("symbolon_") || word.starts_with("process_");
    words.filter(is_meter).map(str::to_owned).collect()
}

/// Every meter that a gateway shows which has seen a little of everything.
fn shown() -> BTreeSet<String> {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    alice.get("/api/x").expect(200);
    stage.exchange(&Request::get("/api/x")).expect(401);
    stage.symbolon.program().signal("HUP");
    stage.symbolon.log().wait_for("a reload", |line| line.contains("reload").then_some(()));
    let host = stage.symbolon.admin.to_string();
    let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
    let lines = metrics.text().lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(['{', ' ']).next().unwrap().to_owned()).collect()
}

#[test]
fn dashboard_and_alerts_ask_for_meters_that_there_are() {
    let dashboard: Value = serde_json::from_str(&file("grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let mut asked: BTreeSet<String> =
        targets.flat_map(|target| meters(target["expr"].as_str().unwrap())).collect();
    let alerts = file("alerts.yaml");
    asked.extend(meters(&alerts));
    assert!(asked.len() > 15, "{asked:?}");
    let missing: Vec<_> = asked.difference(&shown()).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");

    let errors = surroundings::repository().join("docs/errors.md");
    let errors = fs::read_to_string(errors).unwrap();
    for reason in alerts.split("reason=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(errors.contains(&format!("`{reason}`")), "{reason}");
    }
}
