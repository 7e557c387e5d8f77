//! Shared fetches.

use std::sync::atomic::AtomicU64;

use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn concurrent_misses_share_one_fetch() {
    let cache = cache(100);
    let key = sample::token();
    let fetches = Arc::new(AtomicU64::new(0));
    let found = join_all((0..100).map(|_| {
        let fetches = fetches.clone();
        cache.get_or_fetch(key, move || async move {
            tokio::task::yield_now().await;
            let version = fetches.fetch_add(1, Ordering::Relaxed);
            Ok(Some(record(key, version)))
        })
    }))
    .await;
    assert!(found.iter().all(|found| *found == Ok(Some(record(key, 0)))));
    let counts = cache.counts();
    assert_eq!((counts.hits, counts.misses, counts.entries), (0, 1, 1));
    assert_eq!(cache.get(&key), Some(record(key, 0)));
    assert_eq!(cache.counts().hits, 1);
}

#[tokio::test]
async fn who_gives_up_takes_nobody_along() {
    let cache = cache(100);
    let key = sample::token();
    let (deliver, delivery) = oneshot::channel::<()>();
    let mut first = Box::pin(cache.get_or_fetch(key, || async move {
        delivery.await.unwrap();
        Ok(Some(record(key, 1)))
    }));
    assert!(first.as_mut().now_or_never().is_none());
    let mut second = Box::pin(cache.get_or_fetch(key, || async { Err(Failure::Store) }));
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    deliver.send(()).unwrap();
    assert_eq!(second.await, Ok(Some(record(key, 1))));
}

#[tokio::test]
async fn neither_absence_nor_failure_is_kept() {
    let cache = cache(100);
    let key = sample::token();
    let answers = [Ok(None), Err(Failure::Store), Ok(Some(record(key, 1)))];
    for answer in answers {
        let expected = answer.clone();
        let found = cache.get_or_fetch(key, || async move { answer }).await;
        assert_eq!(found, expected);
    }
    assert_eq!(cache.counts().misses, 3);
}

#[test]
fn a_fetch_that_dies_with_its_runtime_is_an_error_and_the_next_one_works() {
    let cache = cache(100);
    let key = sample::token();
    let doomed = runtime();
    let never = || std::future::pending::<Fetched<Record, Failure>>();
    let mut first = Box::pin(cache.get_or_fetch(key, never));
    doomed.block_on(async {
        assert!(first.as_mut().now_or_never().is_none());
    });
    drop(doomed);
    let found = runtime().block_on(first);
    assert_eq!(found, Err(Failure::Abandoned));
    let again = cache.get_or_fetch(key, || async move { Ok(Some(record(key, 1))) });
    assert_eq!(runtime().block_on(again), Ok(Some(record(key, 1))));
}

#[tokio::test]
async fn a_cache_without_room_still_shares_fetches() {
    let cache = cache(0);
    let key = sample::token();
    let fetch = || async move { Ok(Some(record(key, 1))) };
    let both = join_all([cache.get_or_fetch(key, fetch), cache.get_or_fetch(key, fetch)]);
    assert_eq!(both.await, [Ok(Some(record(key, 1))), Ok(Some(record(key, 1)))]);
    assert_eq!(cache.counts().misses, 1);
    assert_eq!(cache.get(&key), None);
}
