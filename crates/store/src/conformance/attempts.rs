//! Counters of attempts.

use std::time::Duration;

use super::{Backend, NOW};
use crate::core_store::StoredAttempts;

pub(crate) async fn counters_are_kept_until_they_may_be_forgotten(backend: impl Backend) {
    let after = |seconds| NOW.plus(Duration::from_secs(seconds));
    let counter = |source: &str, forget_after| StoredAttempts {
        mark: vec![7; 16],
        source: source.to_owned(),
        attempts: 3,
        counted_at: after(forget_after),
        next_at: after(1),
        proved_at: (source == "192.0.2.1").then_some(NOW),
        forget_at: after(forget_after),
    };
    let [short, long] = [counter("192.0.2.1", 10), counter("", 20)];
    let before = StoredAttempts { attempts: 1, ..long.clone() };
    backend.core().save_attempts(&[short.clone(), before]).await.unwrap();
    backend.core().save_attempts(std::slice::from_ref(&long)).await.unwrap();
    let backend = backend.restart().await;
    let store = backend.core();
    assert_eq!(store.load_attempts(NOW, 9).await.unwrap(), [long.clone(), short]);
    assert_eq!(store.load_attempts(NOW, 1).await.unwrap(), std::slice::from_ref(&long));
    assert_eq!(store.load_attempts(after(10), 9).await.unwrap(), std::slice::from_ref(&long));
    assert_eq!(store.forget_attempts(after(10), 9).await.unwrap(), 1);
    assert_eq!(store.load_attempts(NOW, 9).await.unwrap(), [long]);
}
