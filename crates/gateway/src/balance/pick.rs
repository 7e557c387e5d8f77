//! Which target is next.
//!
//! 1. A target that is in, and was not tried for this request yet; one that comes back is passed
//!    over as often as its share says.
//! 2. Where all of those were tried, one of them again.
//! 3. Where none is in at all, any: a check that fails everywhere says more about the check than
//!    about the targets. That is the panic threshold, and there is no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::epoch::Micros;
use super::hash::{mix, score};
use super::target_set::{Member, TargetSet};
use super::{Epoch, LiveTarget};
use crate::config::balancing::Policy;

/// How often two candidates are drawn before all targets are compared.
const DRAWS: usize = 6;

/// What a choice is based on.
pub(super) struct Choice<'a> {
    pub(super) set: &'a TargetSet,
    pub(super) policy: &'a Policy,
    /// Counts whose turn it is.
    pub(super) turn: &'a AtomicU64,
    /// Counts where chance comes from: with one count for both, every draw would cost a turn.
    pub(super) draws: &'a AtomicU64,
    pub(super) epoch: Epoch,
    /// Microseconds; 0 without a slow start.
    pub(super) slow_start: Micros,
    /// What is hashed, if the request has it.
    pub(super) key: Option<u64>,
    /// What the sticky cookie says.
    pub(super) mark: Option<&'a [u8]>,
    pub(super) tried: &'a [Arc<LiveTarget>],
}

impl<'a> Choice<'a> {
    /// The target to ask.
    pub(super) fn make(&self) -> Option<&'a Arc<Member>> {
        let is_new = |member: &Member| self.is_new(member);
        let is_in = |member: &Member| member.target.standing.is_in();
        self.among(&|member| is_new(member) && self.has_its_turn(member))
            .or_else(|| self.among(&|member| is_new(member) && is_in(member)))
            .or_else(|| self.among(&is_in))
            .or_else(|| self.among(&is_new))
            .or_else(|| self.among(&|_| true))
    }

    /// One of those that are allowed, as the policy says.
    fn among(&self, allowed: &impl Fn(&Member) -> bool) -> Option<&'a Arc<Member>> {
        match self.policy {
            Policy::RoundRobin => self.in_turn(allowed),
            Policy::LeastRequests => self.cheaper_of_two(allowed, |member| {
                f64::from(member.target.load.under_way() + 1) / f64::from(member.weight)
            }),
            Policy::Ewma => {
                let now = self.epoch.now();
                self.cheaper_of_two(allowed, |member| member.target.load.cost(member.weight, now))
            }
            Policy::ConsistentHash(_) => match self.key {
                Some(key) => self.hashed(key, allowed),
                None => self.in_turn(allowed),
            },
            Policy::Sticky { .. } => self.marked(allowed).or_else(|| self.in_turn(allowed)),
        }
    }

    /// The next in the round. Whoever is passed over costs a turn, so that its share goes to all
    /// others and not to its neighbour.
    fn in_turn(&self, allowed: &impl Fn(&Member) -> bool) -> Option<&'a Arc<Member>> {
        // A further try costs no turn: with two targets, the one that fails would always be first.
        if !self.tried.is_empty() {
            return self.at_random(allowed);
        }
        for _ in 0..self.set.round.len() {
            let turn = usize::try_from(self.turn.fetch_add(1, Ordering::Relaxed)).unwrap_or(0);
            let member = self.in_round(turn)?;
            if allowed(member) {
                return Some(member);
            }
        }
        // Others took the turns meanwhile.
        self.set.members.iter().find(|member| allowed(member))
    }

    /// Any of those that are allowed, by weight as far as luck goes.
    fn at_random(&self, allowed: &impl Fn(&Member) -> bool) -> Option<&'a Arc<Member>> {
        for _ in 0..DRAWS {
            let drawn = self.in_round(self.chance())?;
            if allowed(drawn) {
                return Some(drawn);
            }
        }
        self.set.members.iter().find(|member| allowed(member))
    }

    /// Two at random by weight, and the cheaper of them.
    fn cheaper_of_two(
        &self,
        allowed: &impl Fn(&Member) -> bool,
        cost: impl Fn(&Member) -> f64,
    ) -> Option<&'a Arc<Member>> {
        let mut first: Option<&Arc<Member>> = None;
        for _ in 0..DRAWS {
            let drawn = self.in_round(self.chance())?;
            if !allowed(drawn) {
                continue;
            }
            match first {
                None => first = Some(drawn),
                Some(first) if Arc::ptr_eq(&first.target, &drawn.target) => {}
                Some(first) => {
                    return Some(if cost(drawn) < cost(first) { drawn } else { first });
                }
            }
        }
        let members = self.set.members.iter().filter(|member| allowed(member));
        members.min_by(|one, other| cost(one).total_cmp(&cost(other)))
    }

    /// The highest score for this key.
    fn hashed(&self, key: u64, allowed: &impl Fn(&Member) -> bool) -> Option<&'a Arc<Member>> {
        let score = |member: &Member| score(key, member.target.seed, member.weight);
        let members = self.set.members.iter().filter(|member| allowed(member));
        members.max_by(|one, other| score(one).total_cmp(&score(other)))
    }

    /// The one that the cookie names.
    fn marked(&self, allowed: &impl Fn(&Member) -> bool) -> Option<&'a Arc<Member>> {
        let mark = self.mark?;
        let mut members = self.set.members.iter();
        members.find(|member| member.target.mark.as_bytes() == mark && allowed(member))
    }

    fn is_new(&self, member: &Member) -> bool {
        !self.tried.iter().any(|tried| Arc::ptr_eq(tried, &member.target))
    }

    /// Whether it is in and, while it comes back, this is one of the requests that it gets.
    fn has_its_turn(&self, member: &Member) -> bool {
        let standing = &member.target.standing;
        if standing.is_plain() {
            return true;
        }
        // A key leads to its own target only, a mark to the one that it names.
        let is_bound = self.key.is_some() || self.mark == Some(member.target.mark.as_bytes());
        standing.is_in() && {
            let share = standing.share(self.slow_start, self.epoch.now());
            is_bound || self.chance() % 1000 < usize::try_from(share).unwrap_or(1000)
        }
    }

    fn in_round(&self, turn: usize) -> Option<&'a Arc<Member>> {
        let at = self.set.round.get(turn.checked_rem(self.set.round.len())?)?;
        self.set.members.get(*at)
    }

    /// A number that looks like chance, and costs no more than counting.
    fn chance(&self) -> usize {
        let number = mix(self.draws.fetch_add(1, Ordering::Relaxed));
        usize::try_from(number >> 1).unwrap_or(usize::MAX)
    }
}
