//! One idea per file shows in its length: a median, a ninetieth percentile and a wall.

use crate::repository::TextFile;

/// At most half of the files are longer than this many lines.
const MEDIAN: usize = 120;
/// At most a tenth of the files are longer than this many lines.
const NINETIETH: usize = 300;
/// No file is longer than this many lines.
const WALL: usize = 500;

/// Prints the distribution and returns what is over a limit.
pub(super) fn findings(files: &[TextFile]) -> Vec<String> {
    let mut sizes: Vec<(usize, &str)> = files
        .iter()
        .filter(|file| file.is_rust())
        .map(|file| (file.text.lines().count(), file.path.as_str()))
        .collect();
    sizes.sort_unstable();
    let (median, ninetieth) = (percentile(&sizes, 50), percentile(&sizes, 90));
    let longest = percentile(&sizes, 100);
    println!(
        "{} Rust files: median {median} lines, 90th percentile {ninetieth}, longest {longest}",
        sizes.len()
    );

    let mut findings: Vec<String> = sizes
        .iter()
        .filter(|(lines, _)| *lines > WALL)
        .map(|(lines, path)| format!("{path}: {lines} lines, the wall is {WALL}"))
        .collect();
    if median > MEDIAN {
        findings.push(format!("the median file has {median} lines, at most {MEDIAN} are allowed"));
    }
    if ninetieth > NINETIETH {
        findings.push(format!(
            "the 90th percentile of the files is {ninetieth} lines, at most {NINETIETH} are allowed"
        ));
    }
    findings
}

/// The nearest-rank percentile of sizes in rising order; 0 where there are none.
fn percentile(sizes: &[(usize, &str)], percent: usize) -> usize {
    let rank = (sizes.len() * percent).div_ceil(100);
    sizes.get(rank.saturating_sub(1)).map_or(0, |(lines, _)| *lines)
}

#[cfg(test)]
mod tests {
    use super::{TextFile, findings, percentile};

    fn file(path: &str, lines: usize) -> TextFile {
        TextFile { path: path.to_owned(), text: "x\n".repeat(lines) }
    }

    #[test]
    fn a_file_over_the_wall_is_named() {
        let files = [file("a.rs", 10), file("b.rs", 20), file("long.rs", 501), file("c.txt", 900)];
        let found = findings(&files);
        assert!(found.iter().any(|finding| finding.starts_with("long.rs: 501 lines")), "{found:?}");
        assert!(!found.iter().any(|finding| finding.contains("c.txt")), "{found:?}");
    }

    #[test]
    fn percentiles_are_nearest_rank() {
        let sizes: Vec<(usize, &str)> = (1..=10).map(|lines| (lines, "")).collect();
        assert_eq!((percentile(&sizes, 50), percentile(&sizes, 90)), (5, 9));
        assert_eq!(percentile(&[], 50), 0);
    }
}
