//! Series of routes that a reload took away: kept for whoever asks once more, up to a bound, so
//! that names that change with every reload do not fill the memory.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

/// How many that are gone are kept; beyond, the ones that went first are forgotten.
const MAX_VANISHED: usize = 256;

/// Which series there are, and in which order they went.
#[derive(Debug)]
pub(super) struct Vanished<L> {
    current: HashSet<L>,
    gone: VecDeque<L>,
}

impl<L> Default for Vanished<L> {
    fn default() -> Self {
        Self { current: HashSet::default(), gone: VecDeque::default() }
    }
}

impl<L: Clone + Eq + Hash> Vanished<L> {
    /// Takes over which series are written from now on; those that are to be forgotten.
    pub(super) fn replace(&mut self, current: HashSet<L>) -> Vec<L> {
        self.gone.retain(|labels| !current.contains(labels));
        let before = std::mem::replace(&mut self.current, current);
        self.gone.extend(before.into_iter().filter(|labels| !self.current.contains(labels)));
        let beyond = self.gone.len().saturating_sub(MAX_VANISHED);
        self.gone.drain(..beyond).collect()
    }

    /// Whether there is such a series, gone or not.
    pub(super) fn has(&self, is_it: impl Fn(&L) -> bool) -> bool {
        self.current.iter().chain(&self.gone).any(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_first_is_forgotten_first_and_what_came_back_is_not() {
        let mut vanished = Vanished::default();
        assert_eq!(vanished.replace(HashSet::from([0, 1])), [0; 0]);
        assert_eq!(vanished.replace(HashSet::from([0, 2])), [0; 0]);
        for number in 3..300 {
            assert_eq!(vanished.replace(HashSet::from([0, 1, number])).len(), {
                // 2 went with 3, and each number with the next one; 1 is back.
                usize::from(number > MAX_VANISHED + 2)
            });
        }
        assert!(vanished.has(|number| *number == 1) && !vanished.has(|number| *number == 2));
        assert!(vanished.has(|number| *number == 298));
    }
}
