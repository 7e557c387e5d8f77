//! The regexes of one host, in groups by the segments that they begin with literally: a path is
//! held only against the groups that lie on its way.

use std::sync::Arc;

use hashbrown::HashMap;
use regex::{Regex, RegexSet};

use super::intersect::{self, Overlap};
use super::place::{Candidate, Choice};
use super::{Asked, Match, RouteConflict};
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
    pub(super) fn finish(&mut self, conflicts: &mut Vec<RouteConflict>) {
        let mut sorted: Vec<(usize, &Entry)> = self.entries.iter().enumerate().collect();
        sorted.sort_by(|(_, one), (_, other)| one.literal.cmp(&other.literal));
        let mut found = Vec::new();
        for (at, (place, entry)) in sorted.iter().enumerate() {
            // Only where one beginning continues the other can a path have both.
            let behind = sorted.iter().skip(at + 1);
            let related = behind.take_while(|(_, other)| other.literal.starts_with(&entry.literal));
            for (other_place, other) in related {
                let is_first = place < other_place;
                let (first, second) = if is_first { (*entry, *other) } else { (*other, *entry) };
                if first.candidate.competes_with(&second.candidate)
                    && let Some(reason) = overlap(&first.regex, &second.regex)
                {
                    let order = (*place.min(other_place), *place.max(other_place));
                    found.push((order, first.candidate.conflict(&second.candidate, reason)));
                }
            }
        }
        found.sort_by_key(|(order, _)| *order);
        conflicts.extend(found.into_iter().map(|(_, conflict)| conflict));
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

fn overlap(first: &Regex, second: &Regex) -> Option<String> {
    match intersect::overlap(first.as_str(), second.as_str()) {
        Overlap::None => None,
        Overlap::Witness(path) => Some(format!("`{path}` matches `{first}` and `{second}`")),
        Overlap::Unknown => Some(format!("`{first}` and `{second}` cannot be told apart")),
    }
}
