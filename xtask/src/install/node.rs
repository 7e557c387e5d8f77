//! The Node example with its packages, in a copy under `target/` so that the sources stay clean.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{repository, run};

/// The folder from which the Node example can be run.
pub(crate) fn example_folder() -> Result<PathBuf> {
    let source = repository::root().join("examples/node");
    let copy = repository::target().join("node");
    let stamp = copy.join("installed.json");
    let Ok(lock) = fs::read_to_string(source.join("package-lock.json")) else {
        return Ok(copy);
    };
    fs::create_dir_all(&copy).with_context(|| format!("cannot make {}", copy.display()))?;
    for entry in fs::read_dir(&source).context("cannot list examples/node")? {
        let path = entry.context("cannot list examples/node")?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, copy.join(name))
                .with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    if fs::read_to_string(&stamp).is_ok_and(|done| done == lock) {
        return Ok(copy);
    }
    run::shown(run::program("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(&copy))?;
    fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(copy)
}
