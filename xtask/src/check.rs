//! `cargo xtask check`: everything that can be judged without running the program.

use anyhow::Result;

use crate::{
    install::{cargo_tool, cargo_tool::CARGO_DENY},
    run, tidy,
};

/// Runs each check in turn and stops at the first that fails.
pub(crate) fn run(_arguments: &[String]) -> Result<()> {
    run::shown(&mut run::cargo(&["fmt", "--all", "--check"]))?;
    run::shown(&mut run::cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    deny()?;
    run::shown(
        run::cargo(&["doc", "--workspace", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    tidy::run(&[])
}

/// Bans, licences and sources always; advisories where their database can be had.
fn deny() -> Result<()> {
    cargo_tool::ensure(&CARGO_DENY)?;
    run::shown(&mut run::cargo(&["deny", "check", "bans", "licenses", "sources"]))?;
    if run::succeeds(&mut run::cargo(&["deny", "fetch", "db"])) {
        return run::shown(&mut run::cargo(&["deny", "check", "--disable-fetch", "advisories"]));
    }
    println!("advisories were not checked: their database cannot be fetched from here");
    Ok(())
}
