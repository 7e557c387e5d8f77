//! `cargo xtask test`: installs what the tests need, runs every one, and counts.

mod tally;

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use self::tally::Tally;
use crate::{
    fuzz,
    install::{debian, node, python},
    repository, run,
};

/// How long each fuzz target runs when nothing else is said.
const FUZZ_SECONDS: u32 = 60;

/// Runs all tests, then the fuzz targets; the last line is the sum.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let fuzz_seconds = match arguments {
        [] => FUZZ_SECONDS,
        [flag, seconds] if flag == "--fuzz-seconds" => {
            seconds.parse().with_context(|| format!("`{seconds}` is no number of seconds"))?
        }
        _ => bail!("usage: cargo xtask test [--fuzz-seconds N]"),
    };
    debian::ensure(debian::FOR_TESTS)?;
    let python = python::example_interpreter()?;
    let tests_python = python::tests_interpreter()?;
    let node = node::example_folder()?;

    for package in ["symbolon", "symbolon-example-service"] {
        run::shown(&mut run::cargo(&["build", "--locked", "--package", package]))?;
    }
    let mut tests = run::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    tests
        .env("SYMBOLON_BIN", repository::target().join("debug/symbolon"))
        .env("SYMBOLON_PYTHON", python)
        .env("SYMBOLON_TESTS_PYTHON", tests_python)
        .env("SYMBOLON_NODE_DIR", node);
    let (tally, all_ran_well) = counted(&mut tests)?;
    let fuzzed = fuzz::every_target(fuzz_seconds);

    if tally.has_run() {
        println!("{tally}");
    }
    ensure!(all_ran_well, "`cargo test` failed");
    fuzzed
}

/// Runs it, shows its output as it comes, and counts the results in it.
fn counted(tests: &mut Command) -> Result<(Tally, bool)> {
    run::announce(tests);
    let mut child = tests.stdout(Stdio::piped()).spawn().context("cannot start the tests")?;
    let output = child.stdout.take().context("the tests have no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read the output of the tests")?;
        println!("{line}");
        tally.read(&line);
    }
    let status = child.wait().context("cannot wait for the tests")?;
    Ok((tally, status.success()))
}
