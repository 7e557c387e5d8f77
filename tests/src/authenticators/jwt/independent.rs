//! Tokens of `PyJWT` and of `jose`, of every algorithm that they have and we take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::http::Request;
use crate::harness::program;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::surroundings::{repository, target, variable};
use crate::harness::upstream::Upstream;

/// The PEM or secret, and a token, of each algorithm.
fn made_by(mut command: Command, input: &str) -> Vec<Value> {
    let output = program::run(&mut command, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap().as_array().unwrap().clone()
}

fn installed(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{}: `cargo xtask test` installs it", path.display());
    path
}

fn credentials(folder: &Path, made: &[Value]) -> String {
    use std::fmt::Write as _;
    let mut lines = String::new();
    for (n, one) in made.iter().enumerate() {
        let file = folder.join(format!("{n}"));
        fs::write(&file, one["material"].as_str().unwrap()).unwrap();
        let (key, algorithm) = (one["key"].as_str().unwrap(), one["algorithm"].as_str().unwrap());
        let is_shared = algorithm.starts_with("HS");
        let kind = if is_shared { "secret_file" } else { "public_key_file" };
        // Writing to a string cannot fail.
        let _ = write!(
            lines,
            "\n      - jwt: {{ key: \"{key}\", algorithm: {algorithm}, {kind}: \"{}\" }}",
            file.display()
        );
    }
    lines
}

/// Every token is let in, and with one bit of its payload or signature changed it is not.
fn every_token_is_taken(made: &[Value], algorithms: usize) {
    let folder = TempDir::new().unwrap();
    let settings = Settings {
        sections: format!(
            "clients:\n  robot:\n    credentials:{}",
            credentials(folder.path(), made)
        ),
        routes: "
  - { name: tokens, paths: [/tokens], service: api, authenticate: [jwt] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let show = |token: &str| {
        let header = format!("Bearer {token}");
        stage.exchange(&Request::get("/tokens").with("Authorization", &header)).status
    };
    let mut seen: Vec<&str> = Vec::new();
    for one in made {
        let (token, algorithm) = (one["token"].as_str().unwrap(), &one["algorithm"]);
        assert_eq!(show(token), 200, "{algorithm} {}", one["key"]);
        let parts: Vec<&str> = token.split('.').collect();
        for at in [1, 2] {
            let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            let middle = changed[at].len() / 2;
            let other = if changed[at].as_bytes()[middle] == b'A' { "B" } else { "A" };
            changed[at].replace_range(middle..=middle, other);
            assert_eq!(show(&changed.join(".")), 401, "{algorithm}");
        }
        if !seen.contains(&algorithm.as_str().unwrap()) {
            seen.push(algorithm.as_str().unwrap());
        }
    }
    assert_eq!(seen.len(), algorithms, "{seen:?}");
}

#[test]
fn tokens_of_pyjwt_of_every_algorithm() {
    let python = variable("SYMBOLON_PYTHON").map(PathBuf::from);
    let python = installed(python.unwrap_or_else(|| target().join("venv/bin/python")));
    let mut command = Command::new(python);
    command.arg(repository().join("tests/python/jwt_tokens.py"));
    every_token_is_taken(&made_by(command, ""), 13);
}

#[test]
fn tokens_of_jose_of_every_algorithm() {
    let folder = variable("SYMBOLON_NODE_DIR").map(PathBuf::from);
    let folder = installed(folder.unwrap_or_else(|| target().join("node")).join("node_modules"));
    let script = fs::read_to_string(repository().join("tests/node/jwt_tokens.mjs")).unwrap();
    let mut command = Command::new("node");
    // Read from standard input, it finds its packages where it runs.
    command.args(["--input-type=module", "-"]).current_dir(folder.parent().unwrap());
    every_token_is_taken(&made_by(command, &script), 13);
}
