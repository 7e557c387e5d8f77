//! The targets of a service as they are now: written in the configuration, or found by their
//! names and changing while nobody reloads anything.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::LiveTarget;
use super::service_state::ServiceState;
use super::target_set::{Member, TargetSet};
use crate::config::{Target, TargetKind};

/// Sets of targets by priority, first ones first; one set, without SRV records.
#[derive(Debug, Default)]
pub(crate) struct Tiers(Vec<TargetSet>);

/// The targets of one configuration.
pub(super) enum TargetList {
    /// As they are written.
    Fixed(Tiers),
    /// As their names say.
    Named { written: Vec<Target>, now: ArcSwap<Generation> },
}

/// Targets with the generation of addresses that they were made of: swapped as one, so that a
/// worker that comes late with old ones is found out.
pub(super) struct Generation {
    number: u64,
    tiers: Tiers,
}

/// The targets at one moment.
pub(super) enum Moment<'a> {
    Fixed(&'a Tiers),
    Named(Arc<Generation>),
}

impl TargetList {
    /// The targets as they are written; names are looked up if there is somebody to ask.
    pub(super) fn new(written: &[Target], has_resolver: bool, state: &ServiceState) -> Self {
        state.names.keep(|name| written.iter().any(|target| *target.authority == *name));
        let is_named = written.iter().any(|target| target.kind != TargetKind::Address);
        if !is_named || !has_resolver {
            let members = written.iter().map(|target| as_written(target, state));
            return Self::Fixed(Tiers::of(members.collect()));
        }
        let now = ArcSwap::from_pointee(Generation::newest(written, state));
        Self::Named { written: written.to_vec(), now }
    }

    /// The targets now.
    pub(super) fn now(&self, state: &ServiceState) -> Moment<'_> {
        match self {
            Self::Fixed(tiers) => Moment::Fixed(tiers),
            Self::Named { written, now } => {
                let known = now.load_full();
                if known.number == state.names.generation() {
                    return Moment::Named(known);
                }
                let newest = Arc::new(Generation::newest(written, state));
                now.store(Arc::clone(&newest));
                Moment::Named(newest)
            }
        }
    }
}

impl Generation {
    fn newest(written: &[Target], state: &ServiceState) -> Self {
        // The number first: what comes in between is found again.
        let number = state.names.generation();
        Self { number, tiers: found(written, state) }
    }
}

impl Tiers {
    fn of(mut members: Vec<(u16, Member)>) -> Self {
        members.sort_by_key(|(priority, _)| *priority);
        let tiers = members.chunk_by(|(one, _), (other, _)| one == other);
        let set = |tier: &[(u16, Member)]| {
            TargetSet::new(tier.iter().map(|(_, member)| member.clone()).collect())
        };
        Self(tiers.map(set).collect())
    }

    /// All targets, whatever their priority.
    pub(super) fn targets(&self) -> impl Iterator<Item = &Arc<LiveTarget>> {
        self.0.iter().flat_map(TargetSet::targets)
    }

    /// The same as the configuration has them.
    pub(super) fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.0.iter().flat_map(|set| &set.members)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first set with a target that is in and was not tried; without one, the first set.
    pub(super) fn current(&self, tried: &[Arc<LiveTarget>]) -> Option<&TargetSet> {
        let [_, _, ..] = self.0.as_slice() else { return self.0.first() };
        let is_fine = |target: &Arc<LiveTarget>| {
            target.standing.is_in() && !tried.iter().any(|tried| Arc::ptr_eq(tried, target))
        };
        self.0.iter().find(|set| set.targets().any(is_fine)).or_else(|| self.0.first())
    }
}

impl Deref for Moment<'_> {
    type Target = Tiers;

    fn deref(&self) -> &Tiers {
        match self {
            Self::Fixed(tiers) => tiers,
            Self::Named(generation) => &generation.tiers,
        }
    }
}

fn as_written(target: &Target, state: &ServiceState) -> (u16, Member) {
    let live = state.target(&target.authority, target.tls.as_ref());
    let (host, tls) = (Arc::clone(&target.authority), target.tls.clone());
    (0, Member { weight: target.weight, target: live, host, tls })
}

/// What is written as an address, and what was found for the names.
fn found(written: &[Target], state: &ServiceState) -> Tiers {
    let mut members = Vec::new();
    for target in written {
        if target.kind == TargetKind::Address {
            members.push(as_written(target, state));
            continue;
        }
        for found in state.names.addresses(&target.authority).iter() {
            let authority = Arc::from(found.address.to_string());
            let weight = target.weight.saturating_mul(u32::from(found.weight));
            // What is verified is the name, whatever address it has.
            let tls = target.tls.as_ref().map(|tls| tls.at(&authority));
            let host = match target.kind {
                TargetKind::Service => Arc::clone(&authority),
                TargetKind::Address | TargetKind::Host => Arc::clone(&target.authority),
            };
            let live = state.target(&authority, tls.as_ref());
            members.push((found.priority, Member { weight, target: live, host, tls }));
        }
    }
    Tiers::of(members)
}
