//! Choices among targets in every standing.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::LiveTarget;
use super::epoch::Epoch;
use super::hash::hash;
use super::pick::Choice;
use super::target_set::{Member, TargetSet};

use crate::config::balancing::{HashBy, Policy};

struct Scene {
    set: TargetSet,
    turn: AtomicU64,
    draws: AtomicU64,
    epoch: Epoch,
}

impl Scene {
    fn of(weights: &[u32]) -> Self {
        let member = |(at, weight): (usize, &u32)| {
            let authority = Arc::from(format!("10.0.0.{at}:80"));
            let target = LiveTarget::new(&authority, "many", format!("mark-{at}"));
            Member { weight: *weight, target, host: authority, tls: None }
        };
        let members = weights.iter().enumerate().map(member).collect();
        Self {
            set: TargetSet::new(members),
            turn: AtomicU64::new(0),
            draws: AtomicU64::new(0),
            epoch: Epoch::begin(),
        }
    }

    fn target(&self, at: usize) -> &Arc<LiveTarget> {
        &self.set.members[at].target
    }

    fn choice<'a>(&'a self, policy: &'a Policy) -> Choice<'a> {
        let (set, turn, draws, epoch) = (&self.set, &self.turn, &self.draws, self.epoch);
        let (key, mark, tried) = (None, None, [].as_slice());
        Choice { set, policy, turn, draws, epoch, slow_start: 0, key, mark, tried }
    }

    /// How often each target is chosen in a thousand choices.
    fn counts(&self, policy: &Policy) -> Vec<usize> {
        let mut counts = vec![0; self.set.members.len()];
        for _ in 0..1000 {
            let chosen = self.choice(policy).make().unwrap();
            counts[self.position(chosen)] += 1;
        }
        counts
    }

    fn position(&self, chosen: &Member) -> usize {
        self.set.targets().position(|other| Arc::ptr_eq(other, &chosen.target)).unwrap()
    }
}

const ALL: [Policy; 3] = [Policy::RoundRobin, Policy::LeastRequests, Policy::Ewma];

#[test]
fn every_policy_spreads_evenly_over_equals() {
    for policy in [Policy::RoundRobin, Policy::LeastRequests] {
        for count in Scene::of(&[1, 1, 1, 1]).counts(&policy) {
            assert!(count.abs_diff(250) < 50, "{policy:?}: {count}");
        }
    }
}

#[test]
fn the_share_of_a_target_that_is_out_goes_to_all_others() {
    let scene = Scene::of(&[1, 1, 1]);
    scene.target(1).standing.checked(false, 1);
    assert_eq!(scene.counts(&Policy::RoundRobin), [500, 0, 500]);
    for policy in ALL {
        assert_eq!(scene.counts(&policy)[1], 0, "{policy:?}");
    }
}

#[test]
fn where_none_is_in_all_are_used() {
    let scene = Scene::of(&[1, 1]);
    for at in [0, 1] {
        scene.target(at).standing.checked(false, 1);
    }
    assert_eq!(scene.counts(&Policy::RoundRobin), [500, 500]);
}

#[test]
fn a_target_that_was_tried_is_not_tried_while_another_is_in() {
    let scene = Scene::of(&[1, 1, 1]);
    let tried = [Arc::clone(scene.target(0)), Arc::clone(scene.target(2))];
    for policy in ALL {
        for _ in 0..100 {
            let choice = Choice { tried: &tried, ..scene.choice(&policy) };
            assert_eq!(scene.position(choice.make().unwrap()), 1);
        }
    }
    scene.target(1).standing.checked(false, 1);
    for policy in ALL {
        let choice = Choice { tried: &tried, ..scene.choice(&policy) };
        assert_ne!(scene.position(choice.make().unwrap()), 1, "it is out, and others are in");
    }
    let alone = Scene::of(&[1]);
    let tried = [Arc::clone(alone.target(0))];
    let choice = Choice { tried: &tried, ..alone.choice(&Policy::RoundRobin) };
    assert_eq!(alone.position(choice.make().unwrap()), 0, "there is no other");
}

#[test]
fn fewer_requests_under_way_attract_more() {
    let scene = Scene::of(&[1, 1, 2]);
    scene.target(0).load.began();
    scene.target(2).load.began();
    for _ in 0..100 {
        let chosen = scene.choice(&Policy::LeastRequests).make().unwrap();
        assert_ne!(scene.position(chosen), 0, "an idle one or a heavy one is as good");
    }
}

#[test]
fn a_target_that_comes_back_is_spared_at_first() {
    let scene = Scene::of(&[1, 1]);
    scene.target(0).standing.checked(false, 1);
    scene.target(0).standing.checked(true, scene.epoch.now());
    let hour = 3_600_000_000;
    // Nor do newcomers of a sticky service, and those whose mark is of no target, count as its own.
    let sticky = Policy::Sticky { cookie: "node".into() };
    let count = |policy: &Policy, mark: Option<&'static [u8]>| {
        let chosen = (0..1000).filter(|_| {
            let choice = Choice { slow_start: hour, mark, ..scene.choice(policy) };
            scene.position(choice.make().unwrap()) == 0
        });
        chosen.count()
    };
    for (policy, mark) in
        [(&Policy::RoundRobin, None), (&sticky, None), (&sticky, Some(b"mark-7".as_slice()))]
    {
        let count = count(policy, mark);
        assert!((20..120).contains(&count), "{policy:?}: {count} of 1000, and not about 50");
    }
    assert_eq!(count(&sticky, Some(b"mark-0")), 1000);
    assert_eq!(count(&sticky, Some(b"mark-1")), 0);
}

#[test]
fn a_key_moves_only_while_its_target_is_out() {
    let scene = Scene::of(&[1, 3, 1]);
    let policy = Policy::ConsistentHash(HashBy::Source);
    let choose = |key: u32| {
        let key = Some(hash(&key.to_be_bytes()));
        scene.position(Choice { key, ..scene.choice(&policy) }.make().unwrap())
    };
    let before: Vec<_> = (0..300).map(choose).collect();
    assert!((0..3).all(|at| before.contains(&at)));
    scene.target(1).standing.checked(false, 1);
    for (key, before) in (0..300).zip(&before) {
        let now = choose(key);
        assert!(now == *before || (*before == 1 && now != 1));
    }
    scene.target(1).standing.checked(true, 2);
    assert_eq!((0..300).map(choose).collect::<Vec<_>>(), before);
}

#[test]
fn a_mark_leads_to_its_target_and_an_unknown_one_to_any() {
    let scene = Scene::of(&[1, 1, 1]);
    let policy = Policy::Sticky { cookie: "node".into() };
    for _ in 0..10 {
        let choice = Choice { mark: Some(b"mark-2"), ..scene.choice(&policy) };
        assert_eq!(scene.position(choice.make().unwrap()), 2);
    }
    let any = (0..3).map(|_| {
        let choice = Choice { mark: Some(b"mark-7"), ..scene.choice(&policy) };
        scene.position(choice.make().unwrap())
    });
    assert_eq!(any.collect::<Vec<_>>(), [0, 1, 2]);
}
