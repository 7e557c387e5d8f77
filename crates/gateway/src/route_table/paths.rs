//! The paths of one host: exact ones and prefixes by hash, regexes in one combined pass.

use std::sync::Arc;

use hashbrown::HashMap;
use http::Method;
use regex::{Regex, RegexSet};
use smallvec::SmallVec;

use super::intersect::{self, Overlap};
use super::{Candidate, Match, RouteConflict, pick};
use crate::pattern::PathPattern;

/// All paths that are known for one host.
#[derive(Debug, Default)]
pub(super) struct PathTable {
    exact: HashMap<Arc<str>, Vec<Candidate>>,
    prefixes: HashMap<Arc<str>, Vec<Candidate>>,
    /// Segments of the deepest prefix: no path is probed deeper than that.
    deepest: usize,
    regexes: Vec<(Regex, Candidate)>,
    regex_set: RegexSet,
}

impl PathTable {
    /// Adds a route under each of its paths.
    pub(super) fn add(
        &mut self,
        paths: &[PathPattern],
        candidate: &Candidate,
        conflicts: &mut Vec<RouteConflict>,
    ) {
        for path in paths {
            match path {
                PathPattern::Exact(path) => {
                    let place = self.exact.entry(path.clone()).or_default();
                    put(place, candidate, &format!("both have the path `= {path}`"), conflicts);
                }
                PathPattern::Prefix(path) => {
                    self.deepest = self.deepest.max(path.matches('/').count());
                    let place = self.prefixes.entry(path.clone()).or_default();
                    let shown = if path.is_empty() { "/" } else { path };
                    put(place, candidate, &format!("both have the path `{shown}`"), conflicts);
                }
                PathPattern::Regex(regex) => self.regexes.push((regex.clone(), candidate.clone())),
            }
        }
    }

    /// Compares the regexes with each other and combines them.
    pub(super) fn finish(&mut self, conflicts: &mut Vec<RouteConflict>) {
        for (at, (first_regex, first)) in self.regexes.iter().enumerate() {
            for (second_regex, second) in self.regexes.iter().skip(at + 1) {
                if first.methods.overlaps(second.methods)
                    && let Some(reason) = overlap(first_regex, second_regex)
                {
                    conflicts.push(conflict(first, second, reason));
                }
            }
        }
        // Each regex was compiled before; a set over the size limit is left empty and the
        // regexes are then tried one by one.
        self.regex_set =
            RegexSet::new(self.regexes.iter().map(|(regex, _)| regex.as_str())).unwrap_or_default();
    }

    /// The answer for a canonical path.
    pub(super) fn find(&self, path: &str, method: &Method) -> Match {
        if let Some(candidates) = self.exact.get(path) {
            return pick(candidates, method);
        }
        match self.find_regex(path, method) {
            Match::NotFound => self.find_prefix(path, method),
            found => found,
        }
    }

    fn find_regex(&self, path: &str, method: &Method) -> Match {
        if self.regexes.is_empty() {
            return Match::NotFound;
        }
        let matching: SmallVec<[Candidate; 4]> = if self.regex_set.len() == self.regexes.len() {
            let hits = self.regex_set.matches(path);
            hits.iter().filter_map(|at| self.regexes.get(at)).map(|(_, hit)| hit.clone()).collect()
        } else {
            let hits = self.regexes.iter().filter(|(regex, _)| regex.is_match(path));
            hits.map(|(_, hit)| hit.clone()).collect()
        };
        if matching.is_empty() { Match::NotFound } else { pick(&matching, method) }
    }

    fn find_prefix(&self, path: &str, method: &Method) -> Match {
        // Ends of the first segments: for `/a/b/c` these are 0, 2, 4 and 6.
        let inner = memchr::memchr_iter(b'/', path.as_bytes());
        let ends: SmallVec<[usize; 16]> =
            inner.chain([path.len()]).take(self.deepest + 1).collect();
        ends.iter()
            .rev()
            .filter_map(|end| self.prefixes.get(path.get(..*end)?))
            .map(|candidates| pick(candidates, method))
            .next()
            .unwrap_or(Match::NotFound)
    }
}

fn put(
    place: &mut Vec<Candidate>,
    candidate: &Candidate,
    reason: &str,
    conflicts: &mut Vec<RouteConflict>,
) {
    for earlier in place.iter().filter(|earlier| earlier.methods.overlaps(candidate.methods)) {
        conflicts.push(conflict(earlier, candidate, reason.to_owned()));
    }
    place.push(candidate.clone());
}

fn overlap(first: &Regex, second: &Regex) -> Option<String> {
    match intersect::overlap(first.as_str(), second.as_str()) {
        Overlap::None => None,
        Overlap::Witness(path) => Some(format!("`{path}` matches `{first}` and `{second}`")),
        Overlap::Unknown => Some(format!("`{first}` and `{second}` cannot be told apart")),
    }
}

fn conflict(first: &Candidate, second: &Candidate, reason: String) -> RouteConflict {
    RouteConflict { first: first.name.clone(), second: second.name.clone(), reason }
}
