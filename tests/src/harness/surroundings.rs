//! What the tests are told by their environment: the binary under test and the other languages.

use std::path::PathBuf;

/// The `symbolon` binary: `SYMBOLON_BIN`, or the one beside the tests.
pub(crate) fn symbolon() -> PathBuf {
    let path = variable("SYMBOLON_BIN").map_or_else(|| target().join("debug/symbolon"), Into::into);
    assert!(path.exists(), "{}: build it with `cargo build -p symbolon`", path.display());
    path
}

/// The folder of everything that is built.
pub(crate) fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // `target/debug/deps/symbolon_tests-…`
    test.ancestors().nth(3).unwrap().to_owned()
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// An environment variable, where it is set to something.
#[expect(clippy::disallowed_methods, reason = "the one place where the tests ask the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A number in an environment variable, or what holds without it.
pub(crate) fn number(name: &str, default: u64) -> u64 {
    variable(name).map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is no number: `{text}`"))
    })
}
