//! The fence: what was read before an invalidation is never kept after it.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_value_read_before_an_invalidation_is_not_kept_after_it() {
    let cache = cache(100);
    let key = sample::token();
    let (deliver, delivery) = oneshot::channel::<()>();
    let early = cache.get_or_fetch(key, || async move {
        // Read by now; the reply is still on its way.
        delivery.await.unwrap();
        Ok(Some(record(key, 1)))
    });
    let mut early = Box::pin(early);
    assert!(early.as_mut().now_or_never().is_none());

    cache.invalidate(&key);
    let late = cache.get_or_fetch(key, || async move { Ok(Some(record(key, 2))) });
    let late = tokio::time::timeout(Duration::from_secs(10), late).await.unwrap();
    assert_eq!(late, Ok(Some(record(key, 2))), "who asks later gets the new one");
    deliver.send(()).unwrap();
    assert_eq!(early.await, Ok(Some(record(key, 1))), "who asked earlier may get the old one");
    assert_eq!(cache.get(&key), Some(record(key, 2)), "it is not kept");
}

#[test]
fn a_value_is_kept_only_behind_the_fence_it_was_read_after() {
    let cache = cache(100);
    let key = sample::token();
    let fence = cache.fence(&key);
    assert_eq!(cache.invalidate(&key), None);
    cache.insert(record(key, 1), fence);
    assert_eq!(cache.get(&key), None);
    cache.insert(record(key, 2), cache.fence(&key));
    assert_eq!(cache.get(&key), Some(record(key, 2)));
    assert_eq!(cache.invalidate(&key), Some(record(key, 2)));
    assert_eq!(cache.get(&key), None);
}

/// Readers with a slow store against writers who change it and invalidate.
#[test]
fn nobody_gets_what_was_invalidated_before_they_asked() {
    const KEYS: usize = 8;
    const READERS: usize = 3;
    const WRITES: u64 = 3_000;

    struct Row {
        key: TokenHash,
        /// What the store holds.
        stored: AtomicU64,
        /// The newest version whose invalidation has returned.
        answered: AtomicU64,
    }

    let cache = cache(1000);
    let rows: Arc<Vec<Row>> = Arc::new(
        (0..KEYS)
            .map(|_| Row {
                key: sample::token(),
                stored: AtomicU64::new(0),
                answered: AtomicU64::new(0),
            })
            .collect(),
    );
    let readers: Vec<_> = (0..READERS)
        .map(|number| {
            let (cache, rows) = (cache.clone(), rows.clone());
            std::thread::spawn(move || {
                runtime().block_on(async {
                    let mut reads = number;
                    while rows.iter().any(|row| row.answered.load(Ordering::SeqCst) < WRITES) {
                        reads += 1;
                        let at = reads % KEYS;
                        let answered = rows[at].answered.load(Ordering::SeqCst);
                        let fetch = || {
                            let rows = rows.clone();
                            async move {
                                let version = rows[at].stored.load(Ordering::SeqCst);
                                // The reply takes its time.
                                for _ in 0..reads % 7 {
                                    std::thread::yield_now();
                                    tokio::task::yield_now().await;
                                }
                                Ok(Some(record(rows[at].key, version)))
                            }
                        };
                        let found = cache.get_or_fetch(rows[at].key, fetch).await;
                        let version = found.unwrap().unwrap().version;
                        assert!(version >= answered, "{version} after {answered}");
                    }
                });
            })
        })
        .collect();
    for version in 1..=WRITES {
        for row in rows.iter() {
            row.stored.store(version, Ordering::SeqCst);
            cache.invalidate(&row.key);
            row.answered.store(version, Ordering::SeqCst);
        }
        if version % 64 == 0 {
            // Lets readers fill the cache again.
            std::thread::park_timeout(Duration::from_micros(100));
        }
    }
    for reader in readers {
        reader.join().unwrap();
    }
}
