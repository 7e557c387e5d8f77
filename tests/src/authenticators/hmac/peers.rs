//! Clients that somebody else's documents or libraries describe, in another language.

use serde_json::Value;

use super::scene::{SECRET, Scene};
use crate::harness::program;
use crate::harness::python;

/// What a script tells of each of its requests: what it asked for, and the status.
#[track_caller]
fn told(scene: &Scene, script: &str, words: &[&str]) -> Vec<(String, u64)> {
    let mut command = python::script(script);
    command.arg(scene.stage.symbolon.address.to_string()).args(words);
    let output = program::run(&mut command, "");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["what"].as_str().unwrap().to_owned(), line["status"].as_u64().unwrap())
    };
    text.lines().map(line).collect()
}

fn expected(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
    rows.iter().map(|(what, status)| ((*what).to_owned(), *status)).collect()
}

#[test]
fn a_client_as_kongs_documents_describe_it_is_served() {
    let scene = Scene::new();
    assert_eq!(
        told(&scene, "kong_hmac_client.py", &["alice", SECRET]),
        expected(&[
            ("GET", 200),
            ("GET again", 401),
            ("GET with a query", 200),
            ("GET by request target", 200),
            ("GET by x-date", 200),
            ("POST with a signed digest", 200),
            ("POST with another body", 401),
            ("GET with another secret", 401),
        ])
    );
}

#[test]
fn a_client_as_apisixs_documents_describe_it_is_served() {
    let scene = Scene::new();
    assert_eq!(
        told(&scene, "apisix_hmac_client.py", &["alice", SECRET]),
        expected(&[
            ("GET", 200),
            ("GET again", 401),
            ("GET with custom headers", 200),
            ("GET with hmac-sha512", 200),
            // Their documents do not sign the digest, which proves nothing of the body then.
            ("POST with an unsigned digest", 401),
            ("POST with an unsigned digest where that is taken", 200),
            ("POST with a signed digest", 200),
            ("POST with another body", 401),
            ("GET with another secret", 401),
        ])
    );
}

#[test]
fn a_library_that_implements_rfc_9421_is_served() {
    let scene = Scene::with_signers();
    let folder = scene.folder.path().to_str().unwrap();
    assert_eq!(
        told(&scene, "rfc9421_client.py", &["alice", SECRET, folder]),
        expected(&[
            ("hmac-sha256", 200),
            ("hmac-sha256 with a nonce, twice the same", 401),
            ("hmac-sha256 with another query", 401),
            ("hmac-sha256 with a signed digest", 200),
            ("hmac-sha256 with another body", 401),
            ("ed25519", 200),
            ("ecdsa-p256-sha256", 200),
            ("rsa-pss-sha512", 200),
            ("rsa-v1_5-sha256", 200),
            ("rsa-v1_5-sha256 of a key for rsa-pss-sha512", 401),
            ("expired", 401),
        ])
    );
}
