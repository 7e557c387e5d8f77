//! Generated files that are kept in the repository and compared with what generates them.

use std::fs;

use anyhow::{Context, Result};

use crate::{repository, run};

/// A kept file and the arguments of `symbolon` that print it.
struct Golden {
    path: &'static str,
    printed_by: &'static [&'static str],
}

const GOLDEN: &[Golden] =
    &[Golden { path: "docs/config.schema.json", printed_by: &["config", "schema"] }];

/// The files that differ; with `bless` they are written anew instead.
pub(super) fn findings(bless: bool) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for golden in GOLDEN {
        let path = repository::root().join(golden.path);
        if !path.exists() && !bless {
            findings
                .push(format!("{}: missing; `cargo xtask tidy --bless` writes it", golden.path));
            continue;
        }
        let printed = run::captured(
            run::cargo(&["run", "--quiet", "--locked", "--package", "symbolon", "--"])
                .args(golden.printed_by),
        )?;
        if bless {
            fs::write(&path, printed).with_context(|| format!("cannot write {}", golden.path))?;
        } else if fs::read_to_string(&path).is_ok_and(|kept| kept != printed) {
            findings.push(format!(
                "{}: out of date; `cargo xtask tidy --bless` writes it",
                golden.path
            ));
        }
    }
    Ok(findings)
}
