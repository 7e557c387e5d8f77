//! The nearest known name to a misspelt one.

/// The longest name that is compared, in bytes: no known one comes near.
const MAX_COMPARED: usize = 64;

/// `did you mean …` for the known name nearest to `wrong`, if any is near enough to be meant.
pub(crate) fn did_you_mean<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    if wrong.len() > MAX_COMPARED {
        return None;
    }
    let tolerance = (wrong.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(wrong, name), name))
        .filter(|(distance, _)| *distance <= tolerance)
        .min()
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

/// Insertions, deletions, substitutions and swaps of neighbours from one to the other (optimal
/// string alignment), regardless of case and of `-` against `_`.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = folded(from).collect();
    let to: Vec<char> = folded(to).collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut left_of = None;
    for (row, &a) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut above_of = None;
        for (column, &b) in to.iter().enumerate() {
            let at = |costs: &[usize], column: usize| {
                costs.get(column).copied().unwrap_or(usize::MAX - 1)
            };
            let mut cost = (at(&last, column) + usize::from(a != b))
                .min(at(&last, column + 1) + 1)
                .min(at(&current, column) + 1);
            if left_of == Some(b) && above_of == Some(a) {
                cost = cost.min(at(&before_last, column - 1) + 1);
            }
            current.push(cost);
            above_of = Some(b);
        }
        left_of = Some(a);
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or(0)
}

fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(|c| match c {
        '-' => '_',
        c => c.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_slip_counts_one() {
        for wrong in ["route", "routess", "rouzes", "rotues"] {
            assert_eq!(distance(wrong, "routes"), 1, "{wrong}");
        }
        assert_eq!(distance("session-Writes", "session_writes"), 0);
    }

    #[test]
    fn only_what_may_have_been_meant_is_offered() {
        let known = ["services", "routes", "clients"];
        assert_eq!(did_you_mean("servces", known).as_deref(), Some("did you mean `services`?"));
        assert_eq!(did_you_mean("telemetry", known), None);
        assert_eq!(did_you_mean("x", ["y", "zz"]).as_deref(), Some("did you mean `y`?"));
    }
}
