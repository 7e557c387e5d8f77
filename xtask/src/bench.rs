//! `cargo xtask bench`: builds as for a release artefact and measures beside the peers.

use anyhow::Result;

use crate::{
    install::{debian, python},
    repository, run,
};

/// Installs the peers, builds with the `dist` profile and hands the arguments to the harness.
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
    run::shown(
        run::program(built.join("symbolon-bench"), &["compare"])
            .arg("--symbolon")
            .arg(built.join("symbolon"))
            .arg("--envoy")
            .arg(envoy)
            .arg("--report")
            .arg(repository::root().join("docs/benchmarks.md"))
            .args(arguments),
    )
}
