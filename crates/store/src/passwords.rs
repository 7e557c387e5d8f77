//! Whether a password is right, asked by whoever asks: the log-in page, the account page, the
//! gateway's authenticators. All of them share the budgets, the pool and this one answer.
//!
//! 1. An attempt is paced before anything else ([`Attempts`]): one budget per account and one
//!    per source, over all ways in.
//! 2. An unknown name, a wrong password and a disabled account cost the same work, get the same
//!    answer and take the same time (ASVS 6.3.8): one look-up, one hash.
//! 3. The typed name is never logged unless it is an account's: people type their password into
//!    the wrong field.
//! 4. Who sends the password with every request asks [`Passwords::prove_again`]: what was right
//!    a minute ago is right without a hash, as long as the account is the same.
//!
//! What it deliberately does not know: HTTP, pages, rules for new passwords.

mod account_memory;
mod attempts;
mod bounded_map;
mod credentials;
mod hashing;
mod metrics;
mod remembered;
#[cfg(test)]
mod tests;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::Random;
use symbolon_core::password::{FingerprintKey, HashError, PasswordHash};
use symbolon_core::seal::MasterKey;

use crate::clock::Clock;
use crate::core_store::CoreStore;
use crate::sessions::Sessions;
use account_memory::AccountMemory;
use hashing::HashingPool;
use remembered::Remembered;

pub use attempts::{Attempt, AttemptKey, Attempts, Throttled};
pub use credentials::{CredentialsError, Proved};
pub use hashing::HashingError;
pub use metrics::PasswordMetrics;

/// How long a proved password is known again without a hash, where nothing else is said.
pub const REMEMBER_FOR: Duration = Duration::from_mins(1);

/// Settings, already resolved.
#[derive(Clone, Copy, Debug)]
pub struct PasswordsConfig {
    /// Hashes computed at once; each takes 19 MiB.
    pub threads: usize,
    /// Hashes waiting for their turn; more are refused.
    pub queue: usize,
    /// How long [`Passwords::prove_again`] knows a password again; not at all with zero.
    pub remember_for: Duration,
}

/// What passwords are checked with.
pub struct PasswordsParts {
    /// The accounts.
    pub core: Arc<dyn CoreStore>,
    /// Who knows whether another process has the store as well.
    pub sessions: Arc<Sessions>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of salts and keys.
    pub random: Arc<dyn Random>,
}

/// The one place where passwords are checked.
pub struct Passwords {
    core: Arc<dyn CoreStore>,
    clock: Arc<dyn Clock>,
    attempts: Attempts,
    pool: HashingPool,
    metrics: Arc<PasswordMetrics>,
    accounts: AccountMemory,
    fingerprints: FingerprintKey,
    remembered: Remembered,
    /// What the password of an unknown account is compared with: the same work as for a known
    /// one, and never right.
    decoy: PasswordHash,
}

impl Passwords {
    /// Begins with fresh budgets.
    ///
    /// # Errors
    /// [`HashError`] when the parameters of password hashes make none.
    pub fn new(
        config: PasswordsConfig,
        parts: PasswordsParts,
        master: &MasterKey,
    ) -> Result<Arc<Self>, HashError> {
        let metrics = Arc::new(PasswordMetrics::default());
        let decoy = PasswordHash::decoy(&*parts.random)?;
        let fingerprints = FingerprintKey::draw(&*parts.random);
        Ok(Arc::new(Self {
            attempts: Attempts::new(Arc::clone(&parts.clock), master),
            accounts: AccountMemory::new(Arc::clone(&parts.core), parts.sessions),
            pool: HashingPool::new(config, Arc::clone(&metrics), parts.random),
            remembered: Remembered::new(config.remember_for),
            core: parts.core,
            clock: parts.clock,
            metrics,
            fingerprints,
            decoy,
        }))
    }

    /// The budgets, for authenticators that check passwords elsewhere (a directory).
    pub fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// What was counted so far.
    pub fn metrics(&self) -> &PasswordMetrics {
        &self.metrics
    }
}
