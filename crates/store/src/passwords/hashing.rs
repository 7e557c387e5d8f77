//! The bounded pool in which passwords are hashed.
//!
//! A hash takes tens of milliseconds of a core and 19 MiB, so strangers must not be able to ask
//! for as many as they like at once: a few run, some wait, the rest is refused with 503.
//!
//! Dropping the future while it waits gives the place back. Once the work runs it runs to its
//! end, and keeps its place for so long.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use symbolon_core::Random;
use symbolon_core::password::{HashError, PasswordHash, PlainPassword};
use tokio::sync::Semaphore;

use super::PasswordsConfig;
use super::metrics::PasswordMetrics as Metrics;

/// The pool; usable from any tokio runtime.
pub(super) struct HashingPool {
    running: Arc<Semaphore>,
    queue: u64,
    metrics: Arc<Metrics>,
    random: Arc<dyn Random>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum HashingError {
    /// Too many are waiting.
    #[error("too many passwords are being hashed")]
    Overloaded,
    /// The hash cannot be computed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The runtime is shutting down.
    #[error("hashing was interrupted")]
    Interrupted,
}

impl HashingPool {
    pub(super) fn new(
        config: PasswordsConfig,
        metrics: Arc<Metrics>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            running: Arc::new(Semaphore::new(config.threads.max(1))),
            queue: config.queue as u64,
            metrics,
            random,
        }
    }

    /// Compares a password with a stored hash.
    pub(super) async fn verify(
        &self,
        hash: PasswordHash,
        password: PlainPassword,
    ) -> Result<Verified, HashingError> {
        self.run(move || {
            let is_right = hash.verify(&password)?;
            Ok(Verified { is_right, password })
        })
        .await
    }

    /// Hashes a password for storing.
    pub(super) async fn hash(&self, password: PlainPassword) -> Result<PasswordHash, HashingError> {
        let random = Arc::clone(&self.random);
        self.run(move || PasswordHash::of(&password, &*random)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let permit = {
            let _waiting = Waiting::enter(&self.metrics, self.queue)?;
            Arc::clone(&self.running)
                .acquire_owned()
                .await
                .map_err(|_| HashingError::Interrupted)?
        };
        self.metrics.count_hash();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        Ok(done.await.map_err(|_| HashingError::Interrupted)??)
    }
}

/// The outcome of a comparison, with the password for whoever needs it again.
pub(super) struct Verified {
    pub(super) is_right: bool,
    pub(super) password: PlainPassword,
}

/// A place in the queue.
struct Waiting<'a>(&'a Metrics);

impl<'a> Waiting<'a> {
    fn enter(metrics: &'a Metrics, bound: u64) -> Result<Self, HashingError> {
        metrics.wait();
        let place = Self(metrics);
        if metrics.waiting() > bound {
            metrics.count_refused();
            return Err(HashingError::Overloaded);
        }
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.stop_waiting();
    }
}
