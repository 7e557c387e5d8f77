//! The form of a page: a module doc, no silenced lints, nothing left for later, no path of one
//! person's machine.

use crate::repository::TextFile;

/// Lints are expected with a reason, never allowed. In two halves so that this file passes.
const ALLOW: &str = concat!("#[all", "ow(");
/// Marks of unfinished work.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];
/// Folders that exist on somebody's machine only.
const MACHINE_FOLDERS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tm", "p/")];

/// What is not as it should be in each file.
pub(super) fn findings(files: &[TextFile]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        if file.is_rust() && !file.text.starts_with("//! ") {
            findings.push(format!("{}: does not begin with a module doc", file.path));
        }
        for (number, line) in file.text.lines().enumerate() {
            findings.extend(
                in_line(file, line)
                    .map(|finding| format!("{}:{}: {finding}", file.path, number + 1)),
            );
        }
    }
    findings
}

fn in_line(file: &TextFile, line: &str) -> Option<String> {
    if file.is_rust() {
        if line.contains(ALLOW) {
            return Some("a lint is allowed; use `#[expect(…, reason = …)]`".to_owned());
        }
        if let Some(mark) = UNFINISHED.iter().find(|mark| contains_word(line, mark)) {
            return Some(format!("`{mark}` left in the code"));
        }
    }
    MACHINE_FOLDERS
        .iter()
        .find(|folder| contains_absolute(line, folder))
        .map(|folder| format!("a path under `{folder}` belongs to one machine"))
}

/// Whether `word` stands in the line as a word of its own.
fn contains_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word)
}

/// Whether a path in the line begins with `folder`, and does not merely contain it.
fn contains_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || "/._-}*".contains(c)))
    })
}

#[cfg(test)]
mod tests {
    use super::{ALLOW, TextFile, UNFINISHED, findings};

    fn found(path: &str, text: &str) -> Vec<String> {
        findings(&[TextFile { path: path.to_owned(), text: text.to_owned() }])
    }

    #[test]
    fn a_file_without_a_module_doc_is_named() {
        assert_eq!(found("a.rs", "fn main() {}\n").len(), 1);
        assert!(found("a.rs", "//! What it is for.\n").is_empty());
        assert!(found("a.md", "no doc\n").is_empty());
    }

    #[test]
    fn silenced_lints_and_unfinished_work_are_found_with_their_line() {
        let text = format!("//! Doc.\n{ALLOW}dead_code)]\n// {}: later.\n", UNFINISHED[0]);
        let found = found("a.rs", &text);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("a.rs:2:") && found[1].starts_with("a.rs:3:"), "{found:?}");
    }

    #[test]
    fn only_paths_that_begin_at_a_machine_folder_are_found() {
        let home = concat!("/ro", "ot/");
        assert_eq!(found("a.md", &format!("see {home}notes")).len(), 1);
        assert!(found("a.md", &format!("see docs{home}notes")).is_empty());
    }
}
