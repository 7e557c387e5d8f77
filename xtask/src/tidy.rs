//! `cargo xtask tidy`: what neither the compiler nor clippy looks at. Reports every finding.

mod arrows;
mod file_sizes;
mod golden;
mod page;

use anyhow::{Result, bail};

use crate::repository;

/// Looks at everything; `--bless` writes the golden files anew instead of comparing.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let bless = match arguments {
        [] => false,
        [flag] if flag == "--bless" => true,
        _ => bail!("usage: cargo xtask tidy [--bless]"),
    };
    let files = repository::text_files()?;
    let mut findings = file_sizes::findings(&files);
    findings.extend(page::findings(&files));
    findings.extend(arrows::findings()?);
    findings.extend(golden::findings(bless)?);
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy found {} things to put right", findings.len());
    }
    println!("tidy: nothing to put right");
    Ok(())
}
