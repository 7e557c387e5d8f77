//! One of the example services as a process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use crate::harness::program::Program;
use crate::harness::surroundings::{repository, target, variable};

/// The languages there are.
pub(super) const LANGUAGES: [&str; 3] = ["rust", "python", "node"];

/// A running example service; its language is its audience.
pub(super) struct Service {
    pub(super) language: &'static str,
    pub(super) address: SocketAddr,
    _program: Program,
}

impl Service {
    pub(super) fn start(language: &'static str, issuer: &str) -> Self {
        let mut command = command(language);
        command.args(["--listen", "127.0.0.1:0", "--issuer", issuer, "--audience", language]);
        let program = Program::start(&mut command);
        let address = program
            .stdout
            .wait_for("the address", |line| line.strip_prefix("listening on ")?.parse().ok());
        Self { language, address, _program: program }
    }
}

fn command(language: &str) -> Command {
    match language {
        "rust" => Command::new(installed(target().join("debug/symbolon-example-service"))),
        "python" => {
            let python = variable("SYMBOLON_PYTHON").map(PathBuf::from);
            let mut command =
                Command::new(installed(python.unwrap_or_else(|| target().join("venv/bin/python"))));
            command.arg(repository().join("examples/python/service.py"));
            command
        }
        _ => {
            let folder = variable("SYMBOLON_NODE_DIR").map(PathBuf::from);
            let folder = folder.unwrap_or_else(|| target().join("node"));
            let mut command = Command::new("node");
            command.arg(installed(folder.join("service.mjs")));
            command
        }
    }
}

fn installed(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing: `cargo xtask test` installs it", path.display());
    path
}
