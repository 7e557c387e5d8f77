//! The Markdown file that keeps the newest results: one section for each kind of measurement.

use std::{fs, path::Path};

use anyhow::{Context, Result};

const HEAD: &str = include_str!("../templates/benchmarks.md");

/// Replaces the section with this name, or appends it.
pub(crate) fn replace_section(path: &Path, name: &str, text: &str) -> Result<()> {
    let old = fs::read_to_string(path).unwrap_or_else(|_| HEAD.to_owned());
    fs::write(path, replaced(&old, name, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The date in UTC, as 2026-11-21.
pub(crate) fn today() -> String {
    jiff::Timestamp::now().strftime("%F").to_string()
}

fn replaced(old: &str, name: &str, text: &str) -> String {
    let begin = format!("<!-- begin {name} -->\n");
    let end = format!("<!-- end {name} -->\n");
    let section = format!("{begin}{text}{end}");
    match old.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)))
    {
        Some((before, after)) => format!("{before}{section}{after}"),
        None => format!("{old}\n{section}"),
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn a_section_is_appended_once_and_then_replaced() {
        let once = replaced("# Head\n", "peers", "old\n");
        let twice = replaced(&replaced(&once, "sessions", "other\n"), "peers", "new\n");
        assert!(once.starts_with("# Head\n") && once.contains("old\n"));
        assert!(twice.contains("new\n") && twice.contains("other\n") && !twice.contains("old\n"));
    }
}
