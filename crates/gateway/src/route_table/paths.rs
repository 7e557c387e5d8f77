//! The paths of one host: exact ones and prefixes by hash, regexes in groups.

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::place::{Candidate, Place};
use super::regexes::Regexes;
use super::text::Text;
use super::{Asked, Clash, Match};
use crate::pattern::PathPattern;

/// All paths that are known for one host.
#[derive(Debug, Default)]
pub(super) struct PathTable {
    exact: HashMap<Text, Place>,
    prefixes: HashMap<Text, Place>,
    /// Segments of the deepest prefix: no path is probed deeper than that.
    deepest: usize,
    regexes: Regexes,
}

impl PathTable {
    /// Adds a route under each of its paths.
    pub(super) fn add(
        &mut self,
        paths: &[PathPattern],
        candidate: &Candidate,
        clashes: &mut Vec<Clash>,
    ) {
        for path in paths {
            match path {
                PathPattern::Exact(path) => {
                    let place = self.exact.entry(Text::from(&**path)).or_default();
                    place.put(candidate, &format!("= {path}"), clashes);
                }
                PathPattern::Prefix(path) => {
                    self.deepest = self.deepest.max(path.matches('/').count());
                    let place = self.prefixes.entry(Text::from(&**path)).or_default();
                    place.put(candidate, if path.is_empty() { "/" } else { path }, clashes);
                }
                PathPattern::Regex(regex) => self.regexes.add(regex, candidate),
            }
        }
    }

    /// Compares the regexes with each other and makes look-ups fast.
    pub(super) fn finish(&mut self, clashes: &mut Vec<Clash>) {
        self.exact.values_mut().chain(self.prefixes.values_mut()).for_each(Place::finish);
        self.regexes.finish(clashes);
    }

    /// The answer for a canonical path.
    pub(super) fn find(&self, asked: &Asked<'_>) -> Match {
        if let Some(place) = self.exact.get(asked.path.as_bytes()) {
            return place.pick(asked);
        }
        let regexes = self.regexes.deepest();
        // Ends of the first segments: for `/a/b/c` these are 0, 2, 4 and 6.
        let inner = memchr::memchr_iter(b'/', asked.path.as_bytes());
        let deepest = self.deepest.max(regexes.unwrap_or_default());
        let ends: SmallVec<[usize; 16]> =
            inner.chain([asked.path.len()]).take(deepest + 1).collect();
        if regexes.is_some() {
            let found = self.regexes.find(asked, &ends);
            if found != Match::NotFound {
                return found;
            }
        }
        ends.iter()
            .rev()
            .filter_map(|end| self.prefixes.get(asked.path.as_bytes().get(..*end)?))
            .map(|place| place.pick(asked))
            .next()
            .unwrap_or(Match::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Text};

    #[test]
    fn a_path_and_its_place_fit_in_a_line() {
        assert_eq!(size_of::<(Text, Place)>(), 64);
    }
}
