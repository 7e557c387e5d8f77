//! A whole throttle in numbers: what guessers get, and that the owner gets in.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;

/// A whole throttle, keyed by small numbers.
#[derive(Default)]
struct World {
    pairs: HashMap<(u32, u32), Pair>,
    sources: HashMap<u32, Pace>,
    accounts: HashMap<u32, Pace>,
}

/// Sources from here on are known browsers.
const BROWSERS: u32 = 1_000_000;

impl World {
    fn paces(&mut self, account: u32, source: u32) -> Paces<'_> {
        Paces {
            is_known: source >= BROWSERS,
            pair: self.pairs.entry((account, source)).or_default(),
            source: self.sources.entry(source).or_default(),
            account: self.accounts.entry(account).or_default(),
        }
    }

    fn admit(&mut self, account: u32, source: u32, now: Timestamp) -> Admission {
        self.paces(account, source).admit(now)
    }

    /// How many of `attempts` at once are let in.
    fn flood(&mut self, attempts: impl IntoIterator<Item = (u32, u32)>, now: Timestamp) -> usize {
        attempts
            .into_iter()
            .filter(|(account, source)| {
                matches!(self.admit(*account, *source, now), Admission::At(_))
            })
            .count()
    }
}

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const ALICE: u32 = 1;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn a_thousand_quick_guesses_from_one_source_are_a_dozen() {
    let mut world = World::default();
    let let_in = world.flood((0..1000).map(|_| (ALICE, 7)), NOW);
    assert!((10..=20).contains(&let_in), "{let_in}");
}

#[test]
fn a_thousand_quick_guesses_from_a_thousand_sources_are_at_most_a_hundred() {
    let mut world = World::default();
    let let_in = world.flood((0..1000).map(|source| (ALICE, source)), NOW);
    assert!(let_in <= 100, "{let_in}");
}

#[test]
fn one_password_on_a_thousand_accounts_is_tried_on_at_most_a_hundred() {
    let mut world = World::default();
    let let_in = world.flood((0..1000).map(|account| (account, 7)), NOW);
    assert!(let_in <= 100, "{let_in}");
}

#[test]
fn the_owner_elsewhere_gets_in_at_once_while_a_stranger_hammers() {
    let mut world = World::default();
    for second in 0..3600 {
        let now = NOW.plus(secs(second));
        world.flood((0..5).map(|_| (ALICE, 7)), now);
        if second % 60 == 0 {
            assert_eq!(world.admit(ALICE, 8, now), Admission::At(now));
            world.paces(ALICE, 8).succeed(now);
        }
    }
}

#[test]
fn the_guessers_own_source_waits_eight_seconds_at_most() {
    let mut world = World::default();
    world.flood((0..1000).map(|_| (ALICE, 7)), NOW);
    let later = NOW.plus(MAX_WAIT);
    let Admission::At(at) = world.admit(ALICE, 7, later) else {
        panic!("refused");
    };
    assert!(at.since(later) <= MAX_WAIT);
}

#[test]
fn a_source_that_proved_the_password_is_not_slowed_by_a_thousand_others() {
    let mut world = World::default();
    assert_eq!(world.admit(ALICE, 1, NOW), Admission::At(NOW));
    world.paces(ALICE, 1).succeed(NOW);
    world.flood((2..1000).map(|source| (ALICE, source)), NOW);
    assert_eq!(world.admit(ALICE, 1, NOW), Admission::At(NOW));
    assert!(world.admit(ALICE, 1000, NOW) != Admission::At(NOW));
}

#[test]
fn a_known_browser_gets_in_while_everybody_guesses_and_guesses_as_little_as_any_source() {
    let mut world = World::default();
    let browser = BROWSERS + 1;
    for second in 0..600 {
        let now = NOW.plus(secs(second));
        world.flood((0..100).map(|source| (ALICE, source)), now);
        if second % 60 == 0 {
            assert_eq!(world.admit(ALICE, browser, now), Admission::At(now));
            world.paces(ALICE, browser).succeed(now);
        }
    }
    // Whoever stole what it shows has a dozen guesses, and not the account's nor the source's.
    let let_in = world.flood((0..1000).map(|_| (ALICE, browser)), NOW.plus(secs(600)));
    assert!((10..=20).contains(&let_in), "{let_in}");
    assert_eq!(world.sources.get(&browser).copied().unwrap_or_default(), Pace::default());
}

#[test]
fn a_source_is_the_same_after_it_was_kept() {
    let address = Source::from("192.0.2.1".parse::<IpAddr>().ok());
    for source in [address, Source::Browser([7; 16]), Source::Unknown] {
        assert_eq!(Source::from_text(&source.to_text()), source);
    }
    assert_eq!(Source::from_text("browser AAAA"), Source::Unknown);
}

#[test]
fn ones_own_account_does_not_wash_the_source_clean() {
    let mut world = World::default();
    let mut tried = 0;
    for victim in 100..1100 {
        tried += world.flood([(victim, 7)], NOW);
        if matches!(world.admit(ALICE, 7, NOW), Admission::At(_)) {
            world.paces(ALICE, 7).succeed(NOW);
        }
    }
    assert!(tried <= 100, "{tried}");
}

#[test]
fn errors_of_last_week_do_not_add_up() {
    let mut world = World::default();
    world.flood((0..10).map(|_| (ALICE, 7)), NOW);
    let later = NOW.plus(secs(3600));
    assert_eq!(world.flood((0..10).map(|_| (ALICE, 7)), later), 10);
}

#[test]
fn an_ipv6_customer_is_one_source() {
    let source = |text: &str| Source::from(text.parse::<IpAddr>().ok());
    assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:1"));
    assert!(source("2001:db8::1") != source("2001:db8:0:1::1"));
    assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
    assert!(Source::from(Some(Ipv4Addr::LOCALHOST.into())) != Source::Unknown);
}

proptest! {
    #[test]
    fn an_admitted_attempt_never_waits_longer_than_the_bound(
        steps in proptest::collection::vec((0_u32..3, 0_u32..3, 0_u64..5000, any::<bool>()), 1..300)
    ) {
        let mut world = World::default();
        let mut now = NOW;
        for (account, source, millis, succeeds) in steps {
            now = now.plus(Duration::from_millis(millis));
            if let Admission::At(at) = world.admit(account, source, now) {
                prop_assert!(at >= now && at.since(now) <= MAX_WAIT);
                if succeeds {
                    world.paces(account, source).succeed(now);
                }
            }
        }
    }

    #[test]
    fn quick_guesses_at_one_account_are_at_most_a_hundred_however_they_are_spread(
        sources in proptest::collection::vec(0_u32..1000, 1000)
    ) {
        let mut world = World::default();
        let let_in = world.flood(sources.into_iter().map(|source| (ALICE, source)), NOW);
        prop_assert!(let_in <= 100, "{let_in}");
    }

    #[test]
    fn a_pair_gets_no_more_than_its_rate(
        gaps in proptest::collection::vec(0_u64..4000, 1..400)
    ) {
        let mut world = World::default();
        let mut now = NOW;
        let mut let_in = 0_u128;
        for gap in gaps {
            now = now.plus(Duration::from_millis(gap));
            let_in += world.flood([(ALICE, 7)], now) as u128;
        }
        let spent = now.since(NOW);
        // The free ones, the six on the way to the longest wait, those that waited their turn,
        // and what the refill gave back.
        let bound = 10 + 6 + 2 + spent.as_secs() / 8 * 2 + spent.as_secs() / 60 * 2;
        prop_assert!(let_in <= u128::from(bound), "{let_in} of {bound}");
    }

    #[test]
    fn a_clock_that_jumps_back_locks_nobody_out_for_good(
        back in prop_oneof![0_u64..40, 0_u64..100_000],
    ) {
        let mut world = World::default();
        world.flood((0..1000).map(|_| (ALICE, 7)), NOW);
        let earlier = NOW.minus(secs(back));
        let elsewhere = world.admit(ALICE, 8, earlier);
        prop_assert_eq!(elsewhere, Admission::At(earlier));
        // A jump of a few seconds cannot be told from a wait, and lengthens it by at most as much.
        let mut tries = (1..=2).map(|waits| earlier.plus(MAX_WAIT * waits));
        prop_assert!(tries.any(|at| matches!(world.admit(ALICE, 7, at), Admission::At(_))));
    }
}

#[test]
fn an_owner_who_logs_in_does_not_open_the_account_to_those_who_guess() {
    let mut world = World::default();
    let owner = (1, 0);
    assert!(matches!(world.admit(owner.0, owner.1, NOW), Admission::At(_)));
    world.paces(owner.0, owner.1).succeed(NOW);
    let first = world.flood((1..1000).map(|source| (1, source)), NOW);
    assert!(first >= ACCOUNT.free as usize, "{first}");
    for _ in 0..10 {
        assert!(matches!(world.admit(owner.0, owner.1, NOW), Admission::At(_)));
        world.paces(owner.0, owner.1).succeed(NOW);
    }
    let then = world.flood((1000..2000).map(|source| (1, source)), NOW);
    assert_eq!(then, 0);
}

#[test]
fn wrong_keys_block_their_source_for_a_moment_and_never_for_long() {
    let now = Timestamp::from_secs(1_800_000_000);
    let mut source = Pace::default();
    for _ in 0..FREE_GUESSES {
        guessed(&mut source, now);
        assert_eq!(blocked(&source, now), None);
    }
    let mut last = Duration::ZERO;
    for _ in 0..1000 {
        guessed(&mut source, now);
        let wait = blocked(&source, now).unwrap();
        assert!(last <= wait && wait <= SOURCE.max_wait);
        last = wait;
    }
    assert_eq!(blocked(&source, now.plus(SOURCE.max_wait)), None);
}

#[test]
fn what_is_kept_over_a_restart_says_the_same() {
    let now = Timestamp::from_secs(1_800_000_000);
    let mut pace = Pace::default();
    for _ in 0..SOURCE.free + 3 {
        pace.charge(&SOURCE, now, now);
    }
    let kept = Pace::from(pace.standing());
    assert_eq!(kept, pace);
    let over = kept.is_over_at(&SOURCE);
    assert_eq!(kept.attempts(&SOURCE, over), 0);
    assert!(kept.attempts(&SOURCE, over.minus(Duration::from_secs(1))) > 0);
}
