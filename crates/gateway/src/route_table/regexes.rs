//! The regexes of one host, in groups by the segments that they begin with literally: a path is
//! held only against the groups that lie on its way.

use std::cell::OnceCell;
use std::sync::Arc;

use hashbrown::HashMap;
use regex::{Regex, RegexSet};

use super::intersect::{self, Overlap, PathAutomaton};
use super::place::{Candidate, Choice};
use super::{Asked, Clash, Match};
use crate::pattern::literal_start;

/// All regexes of a host.
#[derive(Debug, Default)]
pub(super) struct Regexes {
    entries: Vec<Entry>,
    groups: HashMap<Arc<str>, Group>,
    /// Segments of the deepest group.
    deepest: usize,
}

#[derive(Debug)]
struct Entry {
    regex: Regex,
    /// What every path that matches begins with.
    literal: String,
    candidate: Candidate,
}

/// Regexes that begin with the same segments, matched in one pass.
#[derive(Debug, Default)]
struct Group {
    members: Vec<usize>,
    set: RegexSet,
}

/// A regex while it is held against others.
struct Compared<'a> {
    /// Its place in the file.
    place: usize,
    entry: &'a Entry,
    /// Built once, and only where there is another to hold it against.
    automaton: OnceCell<Option<PathAutomaton>>,
}

impl<'a> Compared<'a> {
    fn new((place, entry): (usize, &'a Entry)) -> Self {
        Self { place, entry, automaton: OnceCell::new() }
    }

    fn automaton(&self) -> Option<&PathAutomaton> {
        self.automaton.get_or_init(|| PathAutomaton::new(self.entry.regex.as_str())).as_ref()
    }
}

impl Regexes {
    pub(super) fn add(&mut self, regex: &Regex, candidate: &Candidate) {
        let literal = literal_start(regex.as_str());
        let segments = literal.rfind('/').map_or("", |at| literal.get(..at).unwrap_or_default());
        self.deepest = self.deepest.max(segments.matches('/').count());
        let group = self.groups.entry(segments.into()).or_default();
        group.members.push(self.entries.len());
        self.entries.push(Entry { regex: regex.clone(), literal, candidate: candidate.clone() });
    }

    /// Compares the regexes with each other and combines those of a group.
    pub(super) fn finish(&mut self, clashes: &mut Vec<Clash>) {
        let mut sorted: Vec<Compared<'_>> =
            self.entries.iter().enumerate().map(Compared::new).collect();
        sorted.sort_by(|one, other| one.entry.literal.cmp(&other.entry.literal));
        let mut found = Vec::new();
        for (at, one) in sorted.iter().enumerate() {
            // Only where one beginning continues the other can a path have both.
            let behind = sorted.iter().skip(at + 1);
            let is_related =
                |other: &&Compared<'_>| other.entry.literal.starts_with(&one.entry.literal);
            for other in behind.take_while(is_related) {
                let (first, second) =
                    if one.place < other.place { (one, other) } else { (other, one) };
                let (earlier, later) = (&first.entry.candidate, &second.entry.candidate);
                if earlier.competes_with(later)
                    && let Some(reason) = overlap(first, second)
                {
                    let order = (first.place, second.place);
                    found.push((order, earlier.clash(later, reason)));
                }
            }
        }
        found.sort_by_key(|(order, _)| *order);
        clashes.extend(found.into_iter().map(|(_, clash)| clash));
        for group in self.groups.values_mut().filter(|group| group.members.len() > 1) {
            let members = group.members.iter().filter_map(|at| self.entries.get(*at));
            // Each regex was compiled before; a set over the size limit is left empty and the
            // regexes are then tried one by one.
            group.set =
                RegexSet::new(members.map(|entry| entry.regex.as_str())).unwrap_or_default();
        }
    }

    /// The answer of the regexes that match; `ends` are the ends of the path's first segments.
    pub(super) fn find(&self, asked: &Asked<'_>, ends: &[usize]) -> Match {
        let (mut choice, mut has_matched) = (Choice::none(), false);
        let on_the_way = ends.iter().take(self.deepest + 1);
        for group in on_the_way.filter_map(|end| self.groups.get(asked.path.get(..*end)?)) {
            for entry in self.matching(group, asked.path) {
                has_matched = true;
                choice.consider(&entry.candidate, asked);
            }
        }
        if has_matched { choice.answer(asked) } else { Match::NotFound }
    }

    pub(super) fn deepest(&self) -> Option<usize> {
        (!self.entries.is_empty()).then_some(self.deepest)
    }

    fn matching<'a>(&'a self, group: &'a Group, path: &'a str) -> impl Iterator<Item = &'a Entry> {
        let is_combined = group.set.len() == group.members.len();
        let hits = is_combined.then(|| group.set.matches(path));
        let is_hit = move |number: usize, entry: &Entry| match &hits {
            Some(hits) => hits.matched(number),
            None => entry.regex.is_match(path),
        };
        let members = group.members.iter().filter_map(|at| self.entries.get(*at));
        members
            .enumerate()
            .filter_map(move |(number, entry)| is_hit(number, entry).then_some(entry))
    }
}

fn overlap(first: &Compared<'_>, second: &Compared<'_>) -> Option<String> {
    let (one, other) = (&first.entry.regex, &second.entry.regex);
    match intersect::overlap_of(first.automaton(), second.automaton()) {
        Overlap::None => None,
        Overlap::Witness(path) => Some(format!("`{path}` matches `{one}` and `{other}`")),
        Overlap::Unknown => Some(format!("`{one}` and `{other}` cannot be told apart")),
    }
}
