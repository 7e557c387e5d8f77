//! Records are told to a file as they are written, and a program of another language verifies
//! them.

use std::fs;
use std::process::Command;

use super::records;
use crate::harness::patience::eventually;
use crate::harness::program;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::surroundings::repository;
use crate::harness::upstream::Upstream;

#[test]
fn what_is_recorded_is_told_and_verified_elsewhere() {
    let settings = Settings {
        sections: "audit: { file: \"FOLDER/audit.jsonl\" }".to_owned(),
        ..Settings::default()
    };
    let mut stage = Stage::set(&settings, Upstream::plain());
    let file = stage.symbolon.folder().join("audit.jsonl");
    stage.alice();
    let told = || fs::read_to_string(&file).unwrap_or_default();
    eventually("the log-in in the file", || told().contains("\"log_in\"").then_some(()));
    assert!(stage.symbolon.stop().success());
    // The start of the next run goes on where this one came to.
    stage.symbolon.start_again();
    stage.alice_again();
    assert!(stage.symbolon.stop().success());

    let lines: Vec<serde_json::Value> =
        told().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, records(&stage.symbolon));
    let path = file.to_str().unwrap();
    let verified = stage.symbolon.run(&["audit", "verify", "--file", path]);
    assert!(verified.contains(&format!("{} records are whole", lines.len())), "{verified}");
    let script = repository().join("tests/python/audit_chain.py");
    let other = |path: &str| program::run(Command::new("python3").arg(&script).arg(path), "");
    let output = other(path);
    assert!(output.status.success(), "{output:?}");
    let ours = verified.trim().rsplit(' ').next().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), ours);

    // What was told and not acknowledged is told again, as a whole.
    let all: Vec<String> = told().lines().map(|line| format!("{line}\n")).collect();
    let (begun, rest) = all.split_at(all.len() - 2);
    let again = &begun[begun.len() - 3..];
    let twice = [begun, again, rest].map(<[String]>::concat);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, twice.concat()).unwrap();
    assert_eq!(stage.symbolon.run(&["audit", "verify", "--file", path]), verified);
    assert!(other(path).status.success());
    // Not if it says something else the second time.
    let forged = [
        &twice[0],
        &twice[1].replace("\"outcome\":\"success\"", "\"outcome\":\"failure\""),
        &twice[2],
    ];
    fs::write(&file, forged.map(String::as_str).concat()).unwrap();
    let output = stage.symbolon.command(&["audit", "verify", "--file", path], "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("is there twice"), "{output:?}");
    assert!(!other(path).status.success());
    fs::write(&file, whole).unwrap();

    let changed = told().replacen("\"alice\"", "\"mallory\"", 1);
    fs::write(&file, changed).unwrap();
    assert!(!other(path).status.success());
    let output = stage.symbolon.command(&["audit", "verify", "--file", path], "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

impl Stage {
    /// The account that is there already, logged in after a restart.
    fn alice_again(&self) {
        self.again("alice");
    }
}
