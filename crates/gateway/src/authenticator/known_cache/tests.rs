//! The cache against what it promises, and against a model of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use symbolon_core::OsRandom;
use tokio::sync::Notify;

use super::*;

type Cache = KnownCache<u32, &'static str>;

const BOUNDS: Bounds =
    Bounds { entries: 64, ttl: Duration::from_mins(1), negative_ttl: Duration::from_secs(5) };

fn cache(bounds: Bounds) -> Arc<Cache> {
    KnownCache::new(bounds, &OsRandom)
}

const A_DAY: i64 = 24 * 60 * 60;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_000 + secs)
}

const fn good(value: u32, until: Option<Timestamp>) -> Verdict<u32, &'static str> {
    Verdict::Good { value, until }
}

/// Asks, where `verdict` is what would be found out.
async fn asked(
    cache: &Arc<Cache>,
    key: KeyedHash,
    now: Timestamp,
    verdict: Verdict<u32, &'static str>,
) -> Verdict<u32, &'static str> {
    cache.get_or_ask(key, now, || async move { verdict }).await
}

#[tokio::test]
async fn a_good_answer_is_kept_for_its_time() {
    let cache = cache(BOUNDS);
    let key = cache.key(&[b"alice"]);
    asked(&cache, key, at(0), good(1, None)).await;
    assert_eq!(cache.get(&key, at(59)), Some(good(1, Some(at(60)))));
    assert_eq!(cache.get(&key, at(60)), None);
}

#[tokio::test]
async fn an_answer_that_ends_sooner_is_kept_no_longer() {
    let cache = cache(BOUNDS);
    let key = cache.key(&[b"alice"]);
    asked(&cache, key, at(0), good(1, Some(at(7)))).await;
    assert_eq!(cache.get(&key, at(6)), Some(good(1, Some(at(7)))));
    assert_eq!(cache.get(&key, at(7)), None);
    asked(&cache, key, at(10), good(2, Some(at(10)))).await;
    assert_eq!(cache.get(&key, at(10)), None, "one that has ended is not kept at all");
}

#[tokio::test]
async fn a_bad_answer_is_kept_shorter() {
    let cache = cache(BOUNDS);
    let key = cache.key(&[b"mallory"]);
    asked(&cache, key, at(0), Verdict::Bad("no")).await;
    assert_eq!(cache.get(&key, at(4)), Some(Verdict::Bad("no")));
    assert_eq!(cache.get(&key, at(5)), None);
}

#[tokio::test]
async fn that_nobody_could_say_is_never_kept() {
    let cache = cache(BOUNDS);
    let key = cache.key(&[b"alice"]);
    let away = Verdict::Unknown("away".to_owned());
    assert_eq!(asked(&cache, key, at(0), away.clone()).await, away);
    assert_eq!(cache.get(&key, at(0)), None);
    assert_eq!(asked(&cache, key, at(0), good(1, None)).await, good(1, None));
}

#[tokio::test]
async fn with_no_time_to_live_nothing_is_kept() {
    let none = Duration::ZERO;
    let cache = cache(Bounds { ttl: none, negative_ttl: none, ..BOUNDS });
    for verdict in [good(1, None), good(1, Some(at(50))), Verdict::Bad("no")] {
        asked(&cache, cache.key(&[b"x"]), at(0), verdict).await;
    }
    assert_eq!(cache.len(), 0);
}

#[tokio::test]
async fn wrong_guesses_push_out_no_right_one_and_all_is_bounded() {
    let cache = cache(BOUNDS);
    let right = cache.key(&[b"right"]);
    asked(&cache, right, at(0), good(1, None)).await;
    for guess in 0..10_000_u32 {
        asked(&cache, cache.key(&[&guess.to_be_bytes()]), at(0), Verdict::Bad("no")).await;
    }
    assert_eq!(cache.get(&right, at(1)), Some(good(1, Some(at(60)))));
    assert!(cache.len() <= 2 * BOUNDS.entries, "{}", cache.len());
    for number in 0..10_000_u32 {
        asked(&cache, cache.key(&[b"good", &number.to_be_bytes()]), at(0), good(2, None)).await;
    }
    assert!(cache.len() <= 2 * BOUNDS.entries, "{}", cache.len());
}

#[tokio::test]
async fn one_question_answers_all_who_ask_it_at_once() {
    let cache = cache(BOUNDS);
    let key = cache.key(&[b"alice"]);
    let (questions, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let ask = || {
        let (cache, questions, go) = (cache.clone(), questions.clone(), go.clone());
        tokio::spawn(async move {
            let question = || async move {
                questions.fetch_add(1, Ordering::SeqCst);
                go.notified().await;
                good(1, None)
            };
            cache.get_or_ask(key, at(0), question).await
        })
    };
    let asking: Vec<_> = (0..50).map(|_| ask()).collect();
    while questions.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    // The one who asked first goes away: the others are answered all the same.
    asking[0].abort();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    go.notify_one();
    for answer in asking.into_iter().skip(1) {
        assert_eq!(answer.await.unwrap(), good(1, None));
    }
    assert_eq!(questions.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_was_found_out_while_the_clock_was_ahead_is_not_believed_once_it_is_right() {
    let cache = cache(BOUNDS);
    let key = cache.key(&[b"alice"]);
    for (verdict, ttl) in [(good(1, None), 60), (Verdict::Bad("no"), 5)] {
        asked(&cache, key, at(A_DAY), verdict.clone()).await;
        assert!(cache.get(&key, at(A_DAY)).is_some());
        assert_eq!(cache.get(&key, at(0)), None);
        asked(&cache, key, at(ttl), verdict.clone()).await;
        // What was asked for at the same time as far as anybody can tell.
        assert!(cache.get(&key, at(ttl)).is_some());
        assert_eq!(cache.get(&key, at(ttl - 1)), None, "{verdict:?}");
    }
}

#[tokio::test]
async fn a_question_that_dies_blocks_nobody() {
    let cache = cache(BOUNDS);
    let key = cache.key(&[b"alice"]);
    let died = cache.get_or_ask(key, at(0), || async { panic!("the task dies") }).await;
    assert!(matches!(died, Verdict::Unknown(_)));
    assert_eq!(asked(&cache, key, at(0), good(1, None)).await, good(1, None));
}

/// One step of a life.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask { who: u8, is_good: bool, until: Option<i64> },
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ask = (0..6_u8, any::<bool>(), proptest::option::of(0..100_i64))
        .prop_map(|(who, is_good, until)| Step::Ask { who, is_good, until });
    let step = prop_oneof![6 => ask, 3 => (0..40_i64).prop_map(Step::Wait)];
    proptest::collection::vec(step, 1..80)
}

proptest! {
    /// Whatever happens: an answer is what was found out last or is found out now, and is never
    /// given after its end.
    #[test]
    fn it_never_says_what_does_not_hold_any_more(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let cache = cache(BOUNDS);
        let mut model = std::collections::HashMap::<u8, (bool, u32, i64)>::default();
        let (mut now, mut number) = (0, 0_u32);
        for step in steps {
            match step {
                Step::Wait(secs) => now += secs,
                Step::Ask { who, is_good, until } => {
                    number += 1;
                    let until = until.map(|after| now + after);
                    let fresh = if is_good { good(number, until.map(at)) } else { Verdict::Bad("no") };
                    let answer = runtime.block_on(asked(&cache, cache.key(&[&[who]]), at(now), fresh));
                    let kept = model.get(&who).copied().filter(|(.., end)| now < *end);
                    match (&answer, kept) {
                        (Verdict::Good { value, .. }, Some((true, kept, _))) => prop_assert_eq!(*value, kept),
                        (Verdict::Bad(_), Some((false, ..))) => {}
                        (Verdict::Good { value, .. }, None) => prop_assert_eq!((*value, is_good), (number, true)),
                        (Verdict::Bad(_), None) => prop_assert!(!is_good),
                        other => prop_assert!(false, "{other:?}"),
                    }
                    if kept.is_none() {
                        let end = if is_good { until.unwrap_or(i64::MAX).min(now + 60) } else { now + 5 };
                        model.insert(who, (is_good, number, end));
                    }
                }
            }
        }
    }
}
