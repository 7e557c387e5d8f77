//! `cargo xtask fuzz`: builds every fuzz target and runs each for a while.
//!
//! The targets look for panics, hangs and broken properties. Unsafe code is forbidden in the
//! workspace, so the address sanitizer would add little; without it the stable toolchain is
//! enough, the same one that runs the tests.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    install::{cargo_tool, cargo_tool::CARGO_FUZZ, debian},
    repository, run,
};

/// How long each target runs when nothing else is said.
const SECONDS: u32 = 60;
/// An input larger than this teaches nothing about parsers whose limits are lower.
const LARGEST_INPUT: &str = "-max_len=65536";
/// An input that takes longer than this many seconds is a finding.
const SLOWEST_INPUT: &str = "-timeout=10";

/// Runs every target for the seconds asked for.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => every_target(SECONDS),
        [flag, seconds] if flag == "--seconds" => every_target(
            seconds.parse().with_context(|| format!("`{seconds}` is no number of seconds"))?,
        ),
        _ => bail!("usage: cargo xtask fuzz [--seconds N]"),
    }
}

/// Builds all targets, then runs each for `seconds`, as many at a time as there are cores.
pub(crate) fn every_target(seconds: u32) -> Result<()> {
    let targets = targets()?;
    if targets.is_empty() {
        println!("there are no fuzz targets");
        return Ok(());
    }
    debian::ensure(debian::FOR_FUZZING)?;
    cargo_tool::ensure(&CARGO_FUZZ)?;
    run::shown(&mut run::cargo(&["fuzz", "build", "--sanitizer", "none"]))?;
    let next = AtomicUsize::new(0);
    let one_after_the_other = || {
        let mut all_well = true;
        while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
            all_well &= runs_well(target, seconds);
        }
        all_well
    };
    let cores = thread::available_parallelism()?.get();
    let all_well = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(one_after_the_other)).collect();
        workers.into_iter().all(|worker| worker.join().unwrap_or(false))
    });
    ensure!(all_well, "a fuzz target found something");
    println!("{} fuzz targets ran for {seconds} s each without a finding", targets.len());
    Ok(())
}

/// Runs one target; what it says is shown only when it found something.
fn runs_well(target: &str, seconds: u32) -> bool {
    let time = format!("-max_total_time={seconds}");
    let mut fuzzer = run::cargo(&[
        "fuzz",
        "run",
        "--sanitizer",
        "none",
        target,
        "--",
        &time,
        LARGEST_INPUT,
        SLOWEST_INPUT,
    ]);
    match fuzzer.output() {
        Ok(output) if output.status.success() => {
            println!("fuzz target `{target}`: nothing found");
            true
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            println!("fuzz target `{target}` failed:\n{said}");
            false
        }
        Err(error) => {
            println!("fuzz target `{target}` cannot be started: {error}");
            false
        }
    }
}

/// The names of all targets, in order.
fn targets() -> Result<Vec<String>> {
    let folder = repository::root().join("fuzz/fuzz_targets");
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort_unstable();
    Ok(names)
}
