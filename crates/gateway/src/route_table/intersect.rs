//! Whether two regexes can match the same path: a search through the product of their automata.
//!
//! Both patterns are anchored at the start. A path belongs to a pattern once its automaton has
//! reached a match at any point, so the search looks for a text that brings both there.

use std::collections::VecDeque;

use hashbrown::HashSet;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

/// The largest automaton that is built, in bytes.
const DFA_SIZE_LIMIT: usize = 4 << 20;
/// The most pairs of states that are looked at.
const PAIR_LIMIT: usize = 20_000;
/// The longest witness that is spelled out.
const WITNESS_LIMIT: usize = 120;

/// What is known of two patterns.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    /// No path matches both.
    None,
    /// This path matches both.
    Witness(String),
    /// Too large to tell.
    Unknown,
}

/// `None` once the pattern has matched: whatever follows does not change that.
type State = Option<StateID>;

/// Looks for a path that both patterns match.
#[cfg(test)]
pub(super) fn overlap(first: &str, second: &str) -> Overlap {
    overlap_of(PathAutomaton::new(first).as_ref(), PathAutomaton::new(second).as_ref())
}

/// The same for automata that were built before; one that could not be built is too large.
pub(super) fn overlap_of(first: Option<&PathAutomaton>, second: Option<&PathAutomaton>) -> Overlap {
    let (Some(first), Some(second)) = (first, second) else {
        return Overlap::Unknown;
    };
    let start = (Some(first.start), Some(second.start));
    let mut seen: HashSet<(State, State)> = HashSet::new();
    seen.insert(start);
    let mut queue = VecDeque::from([(start, String::new())]);
    while let Some(((a, b), path)) = queue.pop_front() {
        if first.has_matched(a) && second.has_matched(b) {
            return Overlap::Witness(path);
        }
        // `!` to `~`: every byte that a canonical path may hold.
        for byte in b'!'..=b'~' {
            let next = (first.step(a, byte), second.step(b, byte));
            if first.is_dead(next.0) || second.is_dead(next.1) || !seen.insert(next) {
                continue;
            }
            if seen.len() > PAIR_LIMIT || path.len() > WITNESS_LIMIT {
                return Overlap::Unknown;
            }
            queue.push_back((next, format!("{path}{}", char::from(byte))));
        }
    }
    Overlap::None
}

/// A pattern as an automaton, which is worth keeping while it is held against others.
pub(super) struct PathAutomaton {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
}

impl PathAutomaton {
    /// Nothing where it would be too large.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .dfa_size_limit(Some(DFA_SIZE_LIMIT))
            .determinize_size_limit(Some(DFA_SIZE_LIMIT));
        let dfa = dense::Builder::new().configure(config).build(pattern).ok()?;
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        Some(Self { dfa, start })
    }

    fn step(&self, state: State, byte: u8) -> State {
        let next = self.dfa.next_state(state?, byte);
        // The automaton tells a match one byte late.
        if self.dfa.is_match_state(next) { None } else { Some(next) }
    }

    fn has_matched(&self, state: State) -> bool {
        state.is_none_or(|state| self.dfa.is_match_state(self.dfa.next_eoi_state(state)))
    }

    fn is_dead(&self, state: State) -> bool {
        state.is_some_and(|state| self.dfa.is_dead_state(state) || self.dfa.is_quit_state(state))
    }
}
