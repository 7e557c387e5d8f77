//! What becomes of a changed file.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::harness::http::Request;
use crate::harness::patience::{Deadline, eventually};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;

const NEW_ROUTE: &str = "  - { name: new, paths: [/new], service: other, authenticate: none }";

impl Stage {
    /// Writes the configuration with these routes besides the usual ones.
    fn write_routes(&self, routes: &str) {
        let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
        self.symbolon.write_config(&settings.yaml(self.api.address, self.other.address));
    }

    fn wait_for_log(&self, message: &str) -> Value {
        self.symbolon.log().wait_for(message, |line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line["message"].as_str()?.contains(message).then_some(line)
        })
    }
}

#[test]
fn a_changed_file_is_noticed() {
    let stage = Stage::plain();
    stage.exchange(&Request::get("/new")).expect(404);
    stage.write_routes(NEW_ROUTE);
    stage.wait_for_log("configuration reloaded");
    stage.exchange(&Request::get("/new")).expect(200);
    assert_eq!(stage.other.hits(), 1);
}

/// The half of a file may be more open than the whole.
#[test]
fn a_file_is_not_read_while_somebody_is_writing_it() {
    let stage = Stage::plain();
    // Once it listens to signals, the file is watched.
    stage.symbolon.program().signal("HUP");
    stage.wait_for_log("configuration reloaded");
    let settings = Settings { routes: NEW_ROUTE.to_owned(), ..Settings::default() };
    let half = settings.yaml(stage.api.address, stage.other.address);
    let mut file = File::create(stage.symbolon.config()).unwrap();
    file.write_all(half.as_bytes()).unwrap();
    // Ten times as long as a writer has to be done in who has closed the file.
    let waited = Deadline::after(Duration::from_secs(1));
    while !waited.is_over() {
        stage.exchange(&Request::get("/new")).expect(404);
    }
    let rest = "\n  - { name: newer, paths: [/newer], service: other, authenticate: [session] }\n";
    file.write_all(rest.as_bytes()).unwrap();
    drop(file);
    eventually("the whole file", || {
        (stage.exchange(&Request::get("/new")).status == 200).then_some(())
    });
    stage.exchange(&Request::get("/newer")).expect(401);
}

#[test]
fn sighup_reads_the_file_again() {
    let stage = Stage::plain();
    stage.symbolon.program().signal("HUP");
    stage.wait_for_log("configuration reloaded");
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn a_broken_file_is_refused_with_all_its_mistakes() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let broken = "  - { name: new, paths: [/new], service: othr, authenticate: none }\n\
                  \x20 - { name: open, paths: [/open], service: other }\n\
                  \x20 - { name: typo, path: [/typo], service: other, authenticate: none }\n\
                  \x20 - { name: twice, paths: [/public], service: other, authenticate: none }";
    stage.write_routes(broken);
    stage.wait_for_log("configuration not reloaded");
    let told: Vec<Value> = stage
        .symbolon
        .log()
        .all()
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["level"] == "ERROR" && line["line"].is_u64())
        .collect();
    for words in ["othr", "authenticate", "path"] {
        let mistake = told.iter().find(|line| line.to_string().contains(words));
        let mistake = mistake.unwrap_or_else(|| panic!("nothing about `{words}`: {told:#?}"));
        assert!(mistake["column"].as_u64().is_some_and(|column| column > 0), "{mistake}");
    }
    let hint =
        told.iter().any(|line| line["hint"].as_str().is_some_and(|hint| hint.contains("other")));
    assert!(hint, "no hint at `other`: {told:#?}");

    // The old configuration serves on, with nothing of the new one.
    stage.exchange(&Request::get("/new")).expect(404);
    stage.exchange(&Request::get("/open")).expect(404);
    stage.exchange(&Request::get("/public/x")).expect(200);
    alice.get("/api/x").expect(200);

    // And what is mended is taken up.
    stage.write_routes(NEW_ROUTE);
    stage.wait_for_log("configuration reloaded");
    stage.exchange(&Request::get("/new")).expect(200);
}

#[test]
fn a_broken_file_does_not_start() {
    let stage = Stage::plain();
    stage.write_routes("  - { name: open, paths: [/open], service: nobody }");
    for words in [["serve"].as_slice(), &["config", "check"]] {
        let output = stage.symbolon.command(words, "");
        assert_eq!(output.status.code(), Some(64), "{words:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("nobody") && said.contains("authenticate"), "{said}");
        let has_place = said.contains("symbolon.yaml:21:") || said.contains("symbolon.yaml:2");
        assert!(has_place, "no line and column: {said}");
    }
}

#[test]
fn a_session_outlives_a_reload() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    stage.write_routes(NEW_ROUTE);
    stage.wait_for_log("configuration reloaded");
    alice.get("/api/x").expect(200);
}
