//! `cargo xtask bench`: builds as for a release artefact and measures beside the peers.

use anyhow::Result;

use crate::{
    install::{debian, python},
    repository, run,
};

/// Installs the peers, builds with the `dist` profile and hands the arguments to the harness:
/// names of sections, and how they are measured.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    debian::ensure(debian::FOR_BENCHMARKS)?;
    let envoy = python::envoy()?;
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
    let mut harness = run::program(built.join("symbolon-bench"), &["measure"]);
    run::shown(
        harness
            .args(arguments)
            .arg("--envoy")
            .arg(envoy)
            .arg("--symbolon")
            .arg(built.join("symbolon"))
            .arg("--report")
            .arg(repository::root().join("docs/benchmarks.md")),
    )
}
