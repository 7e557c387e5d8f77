//! The pool's bounds: how many run, wait and are refused.

use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use symbolon_core::OsRandom;

use super::*;

fn pool(threads: usize, queue: usize) -> HashingPool {
    let config = PasswordsConfig { threads, queue, remember_for: Duration::ZERO };
    HashingPool::new(config, Arc::default(), Arc::new(OsRandom))
}

fn password() -> PlainPassword {
    PlainPassword::new("open sesame, please").unwrap()
}

#[tokio::test]
async fn some_run_some_wait_and_the_rest_is_refused() {
    let pool = pool(1, 2);
    let answers = join_all((0..10).map(|_| pool.hash(password()))).await;
    let refused = |answer: &&Result<_, _>| matches!(answer, Err(HashingError::Overloaded));
    assert_eq!(answers.iter().filter(refused).count(), 7);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert_eq!(pool.metrics.refused(), 7);
    assert_eq!(pool.metrics.waiting(), 0);
}

#[tokio::test]
async fn whoever_goes_away_while_waiting_gives_the_place_back() {
    let pool = pool(1, 1);
    let running = pool.hash(password());
    let mut running = pin!(running);
    assert!(running.as_mut().now_or_never().is_none());
    for _ in 0..10 {
        assert!(pool.hash(password()).now_or_never().is_none());
        assert_eq!(pool.metrics.waiting(), 0);
    }
    assert!(running.await.is_ok());
    assert_eq!(pool.metrics.hashes(), 1);
}

#[tokio::test]
async fn a_password_is_compared_and_given_back() {
    let pool = pool(1, 1);
    let hash = pool.hash(password()).await.unwrap();
    let verified = pool.verify(hash.clone(), password()).await.unwrap();
    assert!(verified.is_right);
    let again = pool.verify(hash, verified.password).await.unwrap();
    assert!(again.is_right);
}
