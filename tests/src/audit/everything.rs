//! A tour through everything that is recorded.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{records, wait_for};
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::{PASSWORD, Symbolon};
use crate::harness::upstream::Upstream;

/// Something that must be in no record.
const CANARY: &str = "canary of a secret, typed into the wrong field";

/// The system with a client, the client's key, and the folder that it is in.
fn stage() -> (Stage, String, TempDir) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("robot.key");
    let key = Symbolon::new_key();
    fs::write(&file, &key).unwrap();
    let settings = Settings {
        sections: format!(
            "clients:\n  robot:\n    credentials: [{{ api_key: {{ secret_file: \"{}\" }} }}]",
            file.display()
        ),
        routes: "
  - { name: machines, paths: [/machines], service: api, authenticate: [api_key] }
  - { name: basic, paths: [/basic], service: api, authenticate: [basic] }"
            .to_owned(),
        ..Settings::default()
    };
    (Stage::set(&settings, Upstream::plain()), key, folder)
}

#[test]
fn every_kind_is_recorded_with_who_and_whence_and_the_chain_is_whole() {
    let (mut stage, key, _folder) = stage();
    let mut alice = stage.alice();
    let session = wait_for(&stage, "log_in", |_| true)["session"].clone();
    stage.again("alice");
    stage.again("alice").log_out();
    stage.visitor().try_log_in("alice", CANARY).unwrap();
    stage.visitor().try_log_in(CANARY, PASSWORD).unwrap();
    alice.get("/admin/x").expect(403);
    for _ in 0..5 {
        stage.exchange(&Request::get("/machines").with("apikey", &key)).expect(200);
    }
    stage.exchange(&Request::get("/machines").with("apikey", CANARY)).expect(401);
    let basic = |name: &str, password: &str| {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
        Request::get("/basic").with("Authorization", &format!("Basic {pair}"))
    };
    stage.exchange(&basic(CANARY, "x")).expect(401);
    for words in [
        &["user", "roles", "alice", "admin"][..],
        &["user", "disable", "alice"],
        &["user", "enable", "alice"],
        &["key", "rotate"],
        &["session", "end", "--subject", "alice"],
    ] {
        stage.symbolon.run(words);
    }
    stage
        .symbolon
        .run_with(&["user", "passwd", "alice", "--password-stdin"], "another, longer one");
    let kid = stage.symbolon.list(&["key", "list"])[0]["id"].as_str().unwrap().to_owned();
    stage.symbolon.run(&["key", "pull", &kid]);
    let good = fs::read_to_string(stage.symbolon.config()).unwrap();
    stage.symbolon.write_config(&format!("{good}\nnonsense: {CANARY}\n"));
    stage
        .symbolon
        .log()
        .wait_for("the refusal", |line| line.contains("configuration not reloaded").then_some(()));
    stage.symbolon.write_config(&format!("{good}\n# changed\n"));
    wait_for(&stage, "reload_refused", |_| true);
    wait_for(&stage, "reload_applied", |_| true);
    let counted = wait_for(&stage, "authenticated", |_| true);
    assert_eq!(counted["client"], "robot");
    assert_eq!(counted["detail"]["authenticator"], "api_key");
    wait_for(&stage, "refused", |one| one["detail"]["failure"] == "malformed");
    wait_for(&stage, "refused", |one| one["detail"]["authenticator"] == "basic");
    let forbidden = wait_for(&stage, "refused", |one| one["detail"]["reason"] == "forbidden");
    assert_eq!(
        (&forbidden["actor"], &forbidden["source"]),
        (&json!("subject:alice"), &json!("127.0.0.1"))
    );
    let failed = wait_for(&stage, "log_in_failed", |one| one["subject"] == "alice");
    assert_eq!((&failed["actor"], &failed["outcome"]), (&json!("nobody"), &json!("failure")));
    wait_for(&stage, "log_in_failed", |one| one["subject"].is_null());
    assert!(stage.symbolon.stop().success());
    stage.symbolon.run(&["session", "seed", "--count", "3", "--subject", "alice"]);

    let records = records(&stage.symbolon);
    let of = |kind: &str| -> Vec<&Value> {
        records.iter().filter(|record| record["kind"] == kind).collect()
    };
    assert_kinds(&records);
    let created = of("account_created")[0];
    assert!(created["actor"].as_str().unwrap().starts_with("operator:"), "{created}");
    assert_eq!(
        (&created["subject"], &created["detail"]["roles"]),
        (&json!("alice"), &json!(["customer"]))
    );
    let log_in = of("log_in")[0];
    assert_eq!(
        (&log_in["actor"], &log_in["source"]),
        (&json!("subject:alice"), &json!("127.0.0.1"))
    );
    assert_eq!(log_in["session"], session);
    assert_eq!(of("log_in").len(), 3);
    let log_out = of("session_ended")[0];
    assert_eq!(log_out["detail"]["reason"], "log_out");
    let seeded = of("sessions_seeded")[0];
    assert!(seeded["actor"].as_str().unwrap().starts_with("operator:"), "{seeded}");
    assert_eq!((&seeded["subject"], &seeded["detail"]["count"]), (&json!("alice"), &json!(3)));
    let told = of("authenticated");
    let told: u64 = told.iter().map(|one| one["detail"]["count"].as_u64().unwrap()).sum();
    assert_eq!(told, 5, "each authentication by a key counts");
    // What no session did is not each on record.
    assert!(records.len() < 60, "{}", records.len());

    let verified = stage.symbolon.run(&["audit", "verify"]);
    assert!(verified.contains("are whole"), "{verified}");
    let listed = stage.symbolon.run(&["audit", "list", "--kind", "log_in", "--about", "alice"]);
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert_eq!(
        stage.symbolon.run(&["audit", "list", "--since", "2999-01-01T00:00:00Z"]).lines().count(),
        1
    );
    assert_no_secret(&stage.symbolon, &[&key, alice.token()]);
}

/// Everything that is done in the tour and in no other test.
fn assert_kinds(records: &[Value]) {
    for kind in [
        "started",
        "key_made",
        "account_created",
        "log_in",
        "session_ended",
        "roles_changed",
        "account_disabled",
        "sessions_ended",
        "account_enabled",
        "password_reset",
        "key_pulled",
        "stopped",
    ] {
        let has = records.iter().any(|record| record["kind"] == kind);
        assert!(has, "no {kind} in {records:#?}");
    }
}

/// Neither in the records nor anywhere in the files of the store.
fn assert_no_secret(symbolon: &Symbolon, more: &[&str]) {
    let mut secrets = vec!["canary", "sesame", "another, longer"];
    secrets.extend(more);
    let exported = symbolon.run(&["audit", "export"]).into_bytes();
    let files = fs::read_dir(symbolon.folder().join("data")).unwrap();
    let files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
    for bytes in files.chain([exported]) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in &secrets {
            assert!(!text.contains(secret), "`{secret}` is on record");
        }
    }
}
