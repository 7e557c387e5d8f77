//! One changed byte is found, wherever it is, and named.

use std::fs;

use super::records;
use crate::harness::stage::Stage;

/// A file of the store, as it is when nobody has it open.
fn closed() -> (Stage, Vec<u8>) {
    let mut stage = Stage::plain();
    for name in ["alice", "bob", "carol"] {
        stage.symbolon.add_user(name, &["customer"]);
    }
    assert!(stage.symbolon.stop().success());
    let verified = stage.symbolon.run(&["audit", "verify"]);
    assert!(verified.contains("are whole"), "{verified}");
    let file = fs::read(database(&stage)).unwrap();
    (stage, file)
}

fn database(stage: &Stage) -> std::path::PathBuf {
    stage.symbolon.folder().join("data/symbolon.db")
}

fn find(file: &[u8], text: &str) -> Vec<usize> {
    let at = file.windows(text.len()).enumerate();
    at.filter(|(_, window)| *window == text.as_bytes()).map(|(at, _)| at).collect()
}

#[test]
fn one_flipped_byte_is_found_and_named() {
    let (stage, file) = closed();
    let bob =
        records(&stage.symbolon).into_iter().find(|record| record["subject"] == "bob").unwrap();
    let number = bob["sequence"].as_u64().unwrap();
    // The row of the record: where the kind and the name stand together with the actor.
    let row = format!("account_created{}bob", bob["actor"].as_str().unwrap());
    let places = find(&file, &row);
    assert_eq!(places.len(), 1);
    for offset in [0, row.len() - 1] {
        let mut changed = file.clone();
        changed[places[0] + offset] ^= 1;
        fs::write(database(&stage), &changed).unwrap();
        let output = stage.symbolon.command(&["audit", "verify"], "");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(&format!("record {number} was changed")), "{said}");
    }
}

#[test]
fn the_last_record_is_held_against_what_was_told_before() {
    let (stage, _) = closed();
    let told = stage.symbolon.run(&["audit", "verify"]);
    let last = told.trim().rsplit(' ').next().unwrap().to_owned();
    stage.symbolon.add_user("dave", &[]);
    stage.symbolon.run(&["audit", "verify", "--expect", &last]);
    let (number, hash) = last.split_once(':').unwrap();
    let other = format!("{number}:{}", "0".repeat(hash.len()));
    let beyond = format!("9{number}:{hash}");
    for wrong in [other, beyond] {
        let output = stage.symbolon.command(&["audit", "verify", "--expect", &wrong], "");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
}

#[test]
fn an_emptied_file_is_not_what_was_expected() {
    let (stage, _) = closed();
    let told = stage.symbolon.run(&["audit", "verify"]);
    let last = told.trim().rsplit(' ').next().unwrap();
    let file = stage.symbolon.folder().join("audit.jsonl");
    let path = file.to_str().unwrap();
    fs::write(&file, stage.symbolon.run(&["audit", "export"])).unwrap();
    stage.symbolon.run(&["audit", "verify", "--file", path, "--expect", last]);
    fs::write(&file, "").unwrap();
    assert_eq!(stage.symbolon.run(&["audit", "verify", "--file", path]), "0 records\n");
    let words = ["audit", "verify", "--file", path, "--expect", last];
    let output = stage.symbolon.command(&words, "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}
