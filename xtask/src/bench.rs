//! `cargo xtask bench`: builds as for a release artefact and measures beside the peers.

use anyhow::Result;

use crate::{
    install::{debian, python},
    repository, run,
};

/// Installs the peers, builds with the `dist` profile and hands the arguments to the harness.
/// With `sessions` as the first argument it measures few and many sessions instead.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    debian::ensure(debian::FOR_BENCHMARKS)?;
    run::shown(&mut run::cargo(&[
        "build",
        "--locked",
        "--profile",
        "dist",
        "--package",
        "symbolon",
        "--package",
        "symbolon-bench",
    ]))?;
    let built = repository::target().join("dist");
    let mut harness = run::program(built.join("symbolon-bench"), &[]);
    match arguments.split_first() {
        Some((first, rest)) if first == "sessions" => harness.arg("sessions").args(rest),
        _ => harness.arg("compare").arg("--envoy").arg(python::envoy()?).args(arguments),
    };
    run::shown(
        harness
            .arg("--symbolon")
            .arg(built.join("symbolon"))
            .arg("--report")
            .arg(repository::root().join("docs/benchmarks.md")),
    )
}
