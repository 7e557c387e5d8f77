//! Independent peers in Python, from the packages that `cargo xtask test` installs.

use std::path::PathBuf;
use std::process::Command;

use super::surroundings::{repository, target, variable};

/// A script of `tests/python` with its interpreter.
pub(crate) fn script(name: &str) -> Command {
    let python = variable("SYMBOLON_TESTS_PYTHON").map(PathBuf::from);
    let python = python.unwrap_or_else(|| target().join("tests-venv/bin/python"));
    assert!(python.exists(), "{}: `cargo xtask test` installs it", python.display());
    let mut command = Command::new(python);
    command.arg("-u").arg(repository().join("tests/python").join(name));
    command
}
