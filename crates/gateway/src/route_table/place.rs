//! The routes at one place of the table: same host, same path, told apart by method and conditions.

use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::{Asked, Clash, Match};
use crate::pattern::{Conditions, Field, Look, MethodSet};

/// From this many routes on, those with an exact condition are found by its value. Tests have only
/// few, and try the index all the same.
const INDEXED_FROM: usize = if cfg!(test) { 2 } else { 8 };

/// A route as a candidate at one place.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) conditions: Arc<Conditions>,
    pub(super) route: u32,
    pub(super) methods: MethodSet,
}

/// The candidates at one place.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Mostly one, which then lies in the table itself.
    candidates: SmallVec<[Candidate; 1]>,
    index: Option<Box<Index>>,
}

type ByValue = HashMap<Box<str>, Vec<usize>>;

/// Candidates by the value that their first exact condition asks for.
#[derive(Debug, Default)]
struct Index {
    by_field: Vec<(Field, ByValue)>,
    /// Those without an exact condition.
    others: Vec<usize>,
    /// All that some of them look at, with their methods.
    looks: Vec<(Look, MethodSet)>,
    allowed: MethodSet,
}

/// The best candidate so far, while all of them are looked at.
pub(super) struct Choice<'a> {
    best: Option<&'a Candidate>,
    /// Something that a candidate looks at and two readers could read in two ways: which of them is
    /// meant is then nobody's to say.
    ambiguous: Option<Field>,
    allowed: MethodSet,
}

impl Candidate {
    /// Whether a request could match both with equal rank.
    pub(super) fn competes_with(&self, other: &Self) -> bool {
        self.methods.overlaps(other.methods)
            && self.conditions.count() == other.conditions.count()
            && !self.conditions.exclude(&other.conditions)
    }

    pub(super) fn clash(&self, later: &Self, reason: String) -> Clash {
        Clash { first: self.route, second: later.route, reason }
    }
}

impl Place {
    /// Adds a candidate; reports every earlier one that it cannot be told from.
    pub(super) fn put(&mut self, candidate: &Candidate, path: &str, clashes: &mut Vec<Clash>) {
        for earlier in self.candidates.iter().filter(|earlier| earlier.competes_with(candidate)) {
            let mut reason = format!("both have the path `{path}`");
            if candidate.conditions.count() > 0 {
                reason.push_str(" and as many conditions, which one request can meet together");
            }
            clashes.push(earlier.clash(candidate, reason));
        }
        self.candidates.push(candidate.clone());
    }

    /// Makes look-ups fast where there are many candidates.
    pub(super) fn finish(&mut self) {
        if self.candidates.len() < INDEXED_FROM {
            return;
        }
        let mut index = Index::default();
        for (at, candidate) in self.candidates.iter().enumerate() {
            index.allowed = index.allowed.union(candidate.methods);
            candidate.conditions.looks().for_each(|look| index.note(look, candidate.methods));
            match candidate.conditions.first_exact() {
                Some((field, value)) => {
                    index.values_of(field).entry(value.into()).or_default().push(at);
                }
                None => index.others.push(at),
            }
        }
        self.index = Some(Box::new(index));
    }

    /// The answer for a request that came to this place.
    pub(super) fn pick(&self, asked: &Asked<'_>) -> Match {
        let mut choice = Choice::none();
        let Some(index) = self.index.as_ref().filter(|_| asked.fields.is_some()) else {
            self.candidates.iter().for_each(|candidate| choice.consider(candidate, asked));
            return choice.answer(asked);
        };
        choice.allowed = index.allowed;
        choice.ambiguous = index.ambiguous(asked);
        for at in index.hits(asked).chain(&index.others) {
            if let Some(candidate) = self.candidates.get(*at) {
                choice.consider(candidate, asked);
            }
        }
        choice.answer(asked)
    }
}

impl Index {
    fn note(&mut self, look: Look, methods: MethodSet) {
        match self.looks.iter_mut().find(|(known, _)| *known == look) {
            Some((_, all)) => *all = all.union(methods),
            None => self.looks.push((look, methods)),
        }
    }

    fn ambiguous(&self, asked: &Asked<'_>) -> Option<Field> {
        let found = self.looks.iter().find(|(look, methods)| {
            methods.contains(asked.method) && look.is_ambiguous(asked.fields, asked.query)
        });
        found.map(|(look, _)| look.field.clone())
    }

    fn values_of(&mut self, field: Field) -> &mut ByValue {
        let at = self.by_field.iter().position(|(known, _)| *known == field);
        let at = at.unwrap_or(self.by_field.len());
        if at == self.by_field.len() {
            self.by_field.push((field, HashMap::new()));
        }
        #[expect(clippy::indexing_slicing, reason = "INVARIANT: it was found or just pushed")]
        &mut self.by_field[at].1
    }

    fn hits<'a>(&'a self, asked: &'a Asked<'_>) -> impl Iterator<Item = &'a usize> {
        let hits = self.by_field.iter().filter_map(|(field, by_value)| {
            let value = field.value(asked.fields?, asked.query)?;
            by_value.get(&*value)
        });
        hits.flatten()
    }
}

impl<'a> Choice<'a> {
    pub(super) fn none() -> Self {
        Self { best: None, ambiguous: None, allowed: MethodSet::NONE }
    }

    /// Takes a candidate into account, whatever the order in which they come.
    pub(super) fn consider(&mut self, candidate: &'a Candidate, asked: &Asked<'_>) {
        self.allowed = self.allowed.union(candidate.methods);
        if !candidate.methods.contains(asked.method) {
            return;
        }
        let conditions = &candidate.conditions;
        if self.ambiguous.is_none() {
            self.ambiguous = conditions.ambiguous(asked.fields, asked.query);
        }
        let (is_met, is_better) = match asked.fields {
            Some(headers) => {
                let count = |best: &Candidate| best.conditions.count();
                (
                    conditions.are_met(headers, asked.query),
                    self.best.is_none_or(|best| count(best) < conditions.count()),
                )
            }
            None => (
                conditions.query_is_met(asked.query),
                self.best
                    .is_none_or(|best| is_better_for_a_preflight(conditions, &best.conditions)),
            ),
        };
        if is_met && is_better {
            self.best = Some(candidate);
        }
    }

    pub(super) fn answer(&self, asked: &Asked<'_>) -> Match {
        if let Some(field) = &self.ambiguous {
            return Match::Ambiguous(field.to_string().into());
        }
        match self.best {
            // Numbers of 32 bits fit on every platform that this runs on.
            Some(best) => Match::Route(usize::try_from(best.route).unwrap_or(usize::MAX)),
            None if self.allowed.contains(asked.method) => Match::ConditionsNotMet,
            None => Match::MethodNotAllowed(self.allowed),
        }
    }
}

/// A preflight has none of the headers of the request that it announces, so the route that asks
/// for the fewest answers it.
fn is_better_for_a_preflight(one: &Conditions, other: &Conditions) -> bool {
    let rank = |conditions: &Conditions| {
        (std::cmp::Reverse(conditions.count_of_headers()), conditions.count())
    };
    rank(one) > rank(other)
}
