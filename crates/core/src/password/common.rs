//! The blocklist: passwords so common that they are tried first (NIST SP 800-63B-4 section
//! 3.1.1.2, ASVS 6.2.4 and 6.2.12).
//!
//! Only entries of at least [`super::MIN_PASSWORD_CHARS`] are kept; shorter ones are refused for
//! their length. The file is sorted, so a look-up is a binary search over the text itself and
//! nothing is built at start.

/// Comment lines, then one password a line, sorted by byte.
const LIST: &str = include_str!("common.txt");

/// Whether the whole password, folded, stands in the list.
pub(super) fn contains(folded: &str) -> bool {
    if folded.contains('\n') || folded.starts_with('#') {
        return false;
    }
    let mut rest = LIST;
    while !rest.is_empty() {
        let (before, line, after) = middle_line(rest);
        match line.cmp(folded) {
            _ if line.starts_with('#') => rest = after,
            std::cmp::Ordering::Less => rest = after,
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Greater => rest = before,
        }
    }
    false
}

/// The line in the middle, with the text before and after it.
fn middle_line(text: &str) -> (&str, &str, &str) {
    let middle = text.floor_char_boundary(text.len() / 2);
    let (head, tail) = text.split_at(middle);
    let start = head.rfind('\n').map_or(0, |at| at + 1);
    let end = tail.find('\n').map_or(text.len(), |at| middle + at);
    let (before, from_line) = text.split_at(start);
    let (line, after) = from_line.split_at(end - start);
    (before, line, after.strip_prefix('\n').unwrap_or(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> impl Iterator<Item = &'static str> {
        LIST.lines().skip_while(|line| line.starts_with("# "))
    }

    #[test]
    fn every_entry_is_found() {
        assert!(entries().count() > 9_000);
        for entry in entries() {
            assert!(contains(entry), "{entry}");
        }
    }

    #[test]
    fn the_file_is_sorted_and_useful() {
        for (one, next) in entries().zip(entries().skip(1)) {
            assert!(one < next, "{one} {next}");
            assert!(one.chars().count() >= super::super::MIN_PASSWORD_CHARS);
        }
    }

    #[test]
    fn what_is_not_in_the_list_is_not_found() {
        for text in ["", "\n", "open sesame, please", "zzzzzzzzzzzzzzzzzzzz!", "# sources"] {
            assert!(!contains(text), "{text:?}");
        }
    }
}
