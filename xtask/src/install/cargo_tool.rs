//! Cargo subcommands at pinned versions.

use anyhow::Result;

use crate::run;

/// A subcommand and its one accepted version.
pub(crate) struct CargoTool {
    subcommand: &'static str,
    package: &'static str,
    version: &'static str,
}

/// Reads `deny.toml`.
pub(crate) const CARGO_DENY: CargoTool =
    CargoTool { subcommand: "deny", package: "cargo-deny", version: "0.20.2" };
/// Builds and runs the fuzz targets.
pub(crate) const CARGO_FUZZ: CargoTool =
    CargoTool { subcommand: "fuzz", package: "cargo-fuzz", version: "0.13.2" };

/// Installs the tool unless exactly this version is there.
pub(crate) fn ensure(tool: &CargoTool) -> Result<()> {
    let wanted = format!("{} {}", tool.package, tool.version);
    let installed = run::cargo(&[tool.subcommand, "--version"]).output();
    if installed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == wanted) {
        return Ok(());
    }
    run::shown(&mut run::cargo(&["install", "--locked", "--version", tool.version, tool.package]))
}
