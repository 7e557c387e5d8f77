//! Waiting, taking over and going away, under time that stands still until everybody waits.

use std::pin::pin;
use std::sync::LazyLock;

use futures_util::FutureExt as _;
use symbolon_core::OsRandom;
use symbolon_core::throttle::{ACCOUNT, FREE_GUESSES, MAX_WAIT, PAIR, SOURCE};
use tokio::time::Instant;

use super::*;
use crate::core_store::{CoreStore as _, StoredAttempts};

/// Tells tokio's time, which stands still until everybody waits.
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_800_000_000).plus(self.0.elapsed())
    }
}

fn attempts() -> Attempts {
    let master = MasterKey::generate(&OsRandom);
    Attempts::new(Arc::new(TokioClock(Instant::now())), &master)
}

fn alice() -> &'static AttemptKey {
    static ALICE: LazyLock<AttemptKey> =
        LazyLock::new(|| AttemptKey::Account("alice".parse().unwrap()));
    &ALICE
}

/// Uses up the free attempts and the short waits.
async fn hammer(attempts: &Attempts) {
    for _ in 0..PAIR.free + 8 {
        let attempt = attempts.admit(alice(), Source::Unknown).await;
        assert!(attempt.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn free_attempts_do_not_wait_and_later_ones_wait_longer_and_longer() {
    let attempts = attempts();
    let began = Instant::now();
    let mut waits = Vec::new();
    for _ in 0..PAIR.free + 8 {
        let before = Instant::now();
        assert!(attempts.admit(alice(), Source::Unknown).await.is_ok());
        // Timers count whole milliseconds and round up.
        waits.push(before.elapsed().as_millis() / 10 * 10);
    }
    assert_eq!(waits[..10], [0; 10]);
    assert_eq!(waits[10..], [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    assert!(began.elapsed() < MAX_WAIT * 5);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_last_has_the_place_to_wait() {
    let attempts = attempts();
    hammer(&attempts).await;
    let mut guess = pin!(attempts.admit(alice(), Source::Unknown));
    assert!(guess.as_mut().now_or_never().is_none());
    let began = Instant::now();
    let owner = attempts.admit(alice(), Source::Unknown);
    let (guess, owner) = tokio::join!(guess, owner);
    assert!(guess.is_err_and(|throttled| throttled.retry_after <= MAX_WAIT));
    owner.ok().unwrap().succeed();
    assert!(began.elapsed() <= MAX_WAIT + Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn somebody_who_goes_away_leaves_their_place_to_the_next() {
    let attempts = attempts();
    hammer(&attempts).await;
    for _ in 0..100 {
        let gone = attempts.admit(alice(), Source::Unknown).now_or_never();
        assert!(gone.is_none());
    }
    let began = Instant::now();
    assert!(attempts.admit(alice(), Source::Unknown).await.is_ok());
    assert!(began.elapsed() <= MAX_WAIT + Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn a_place_that_nobody_waited_for_is_there_for_whoever_comes_later() {
    let attempts = attempts();
    hammer(&attempts).await;
    assert!(attempts.admit(alice(), Source::Unknown).now_or_never().is_none());
    tokio::time::advance(MAX_WAIT * 2).await;
    let later = attempts.admit(alice(), Source::Unknown).now_or_never();
    assert!(later.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn success_starts_afresh() {
    let attempts = attempts();
    hammer(&attempts).await;
    let attempt = attempts.admit(alice(), Source::Unknown).await;
    attempt.ok().unwrap().succeed();
    for _ in 0..PAIR.free {
        let attempt = attempts.admit(alice(), Source::Unknown).now_or_never();
        assert!(attempt.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn only_so_many_wait_at_the_same_time() {
    let attempts = attempts();
    let _all = attempts.held.try_acquire_many(u32::try_from(MAX_HELD).unwrap());
    hammer_free(&attempts);
    let refused = attempts.admit(alice(), Source::Unknown).now_or_never();
    assert!(refused.unwrap().is_err());
}

fn hammer_free(attempts: &Attempts) {
    for _ in 0..PAIR.free {
        let attempt = attempts.admit(alice(), Source::Unknown).now_or_never();
        assert!(attempt.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_keys_and_wrong_passwords_share_the_budget_of_their_source() {
    let attempts = attempts();
    let elsewhere = Source::from(Some([192, 0, 2, 1].into()));
    for _ in 0..=FREE_GUESSES {
        assert_eq!(attempts.blocked(Source::Unknown), None);
        attempts.failed(Source::Unknown);
    }
    assert!(attempts.blocked(Source::Unknown).is_some());
    assert_eq!(attempts.blocked(elsewhere), None);
    tokio::time::advance(SOURCE.max_wait).await;
    assert_eq!(attempts.blocked(Source::Unknown), None);
    // One more, so that a password from there waits; that one is charged when its turn comes.
    attempts.failed(Source::Unknown);
    assert!(attempts.admit(alice(), Source::Unknown).now_or_never().is_none());
    assert!(attempts.admit(alice(), elsewhere).now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_further_name_has_a_budget_of_its_own_and_its_source_pays_once() {
    let attempts = attempts();
    let guess = async |typed: &str, source| {
        let attempt = attempts.admit(&AttemptKey::of(typed), source).await.ok().unwrap();
        attempt.further(alice()).await.map(|further| further.is_some())
    };
    // Each time another name and another source, that lead to one person.
    let source = |number: u32| Source::from(Some(std::net::Ipv4Addr::from_bits(number).into()));
    let began = Instant::now();
    for number in 0..ACCOUNT.free + 4 {
        assert_eq!(guess(&format!("alias {number}"), source(number)).await, Ok(true));
    }
    // The last of those that are free, and then 250 ms, 500 ms and 1 s.
    assert!(began.elapsed() >= Duration::from_millis(1_750), "{:?}", began.elapsed());
    // Any spelling of the name itself is the same budget, charged already.
    assert_eq!(guess(" ＡLICE", source(1_000)).await, Ok(false));
    // From one source two are charged, and the source once.
    for _ in 0..SOURCE.free {
        assert!(guess("another", Source::Unknown).await.is_ok());
        tokio::time::advance(MAX_WAIT).await;
    }
    let counters = attempts.counters.lock();
    let now = attempts.clock.now();
    let of_source = counters.sources.get(&Source::Unknown).unwrap().attempts(&SOURCE, now);
    assert!(of_source <= SOURCE.free, "{of_source}");
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("symbolon.db").display());
    let store = crate::SqliteStore::open(&url).await.unwrap();
    let master = MasterKey::generate(&OsRandom);
    let clock: Arc<dyn Clock> = Arc::new(TokioClock(Instant::now()));
    let before = Attempts::new(Arc::clone(&clock), &master);
    let began = Instant::now();
    for _ in 0..PAIR.free {
        assert!(before.admit(alice(), Source::Unknown).await.is_ok());
    }
    let bob = AttemptKey::Account("bob".parse().unwrap());
    before.admit(&bob, Source::Unknown).await.ok().unwrap().succeed();
    before.save(&store, clock.now()).await.unwrap();
    let after = Attempts::new(Arc::clone(&clock), &master);
    after.restore(&store, clock.now()).await.unwrap();
    let alices = |attempts: &Attempts| {
        let counters = attempts.counters.lock();
        counters.pairs.get(&(attempts.mark(alice()), Source::Unknown)).unwrap().pair.pace()
    };
    assert_eq!(alices(&after), alices(&before));
    assert!(after.admit(alice(), Source::Unknown).await.is_ok());
    // Since the attempts before the restart: what it took is a part of the wait.
    assert!(began.elapsed() >= Duration::from_millis(250), "{:?}", began.elapsed());
    let counters = after.counters.lock();
    let pair = counters.pairs.get(&(after.mark(&bob), Source::Unknown)).unwrap().pair;
    assert!(pair.is_proved(clock.now()));
}

#[tokio::test]
async fn counters_that_are_over_do_not_pile_up() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("symbolon.db").display());
    let store = crate::SqliteStore::open(&url).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(TokioClock(Instant::now()));
    let now = clock.now();
    let row = |number: u32| StoredAttempts {
        mark: Vec::new(),
        source: std::net::Ipv4Addr::from_bits(number).to_string(),
        attempts: 1,
        counted_at: now,
        next_at: now,
        proved_at: None,
        forget_at: now,
    };
    // As many as one turn writes at most.
    let written: Vec<_> = (0..8192).map(row).collect();
    store.save_attempts(&written).await.unwrap();
    let attempts = Attempts::new(clock, &MasterKey::generate(&OsRandom));
    attempts.save(&store, now).await.unwrap();
    assert_eq!(store.forget_attempts(now, u32::MAX).await.unwrap(), 0);
}
