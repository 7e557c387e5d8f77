//! Where the repository is, and which files belong to it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::run;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The folder for everything that is built or installed for the project alone.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// A text file of the repository.
pub(crate) struct TextFile {
    /// The path below the root.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

impl TextFile {
    /// Whether it is Rust source.
    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }
}

/// Every text file that git tracks or would track, in order of path.
pub(crate) fn text_files() -> Result<Vec<TextFile>> {
    let listing = run::captured(&mut run::program(
        "git",
        &["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    ))
    .context("cannot list the files of the repository")?;
    let mut paths: Vec<&str> = listing.split('\0').filter(|path| !path.is_empty()).collect();
    paths.sort_unstable();
    // Binary files and those deleted but not yet committed have no text.
    Ok(paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(root().join(path)).ok()?;
            Some(TextFile { path: path.to_owned(), text })
        })
        .collect())
}
