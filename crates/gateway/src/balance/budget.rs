//! The retry budget of a service: retries are a share of the requests, so that an outage is never
//! answered with a multiple of them.
//!
//! Each request pays a share of a retry in, each retry takes one out. A full budget holds
//! [`RESERVE`] retries, for services with little traffic and for the moment in which a target
//! takes everything that it was doing along.

use std::sync::atomic::{AtomicU64, Ordering};

/// The most retries that can be saved up.
pub(crate) const RESERVE: u64 = 100;
/// What one retry costs; a request pays in as many of these as the percentage says.
const PRICE: u64 = 100;

/// What is left to be spent.
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU64::new(RESERVE * PRICE))
    }
}

impl Budget {
    /// Pays in for a request. Nothing is written while the budget is full, as it mostly is.
    pub(super) fn deposit(&self, percent: u32) {
        if self.0.load(Ordering::Relaxed) >= RESERVE * PRICE {
            return;
        }
        let add = |balance: u64| Some((balance + u64::from(percent)).min(RESERVE * PRICE));
        // It always gives a new value.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Takes out a retry, if there is one.
    pub(super) fn withdraw(&self) -> bool {
        let take = |balance: u64| balance.checked_sub(PRICE);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_bounded_by_reserve_and_share() {
        let budget = Budget::default();
        let mut retries = 0;
        for _ in 0..1000 {
            budget.deposit(20);
            while budget.withdraw() {
                retries += 1;
            }
        }
        assert_eq!(retries, RESERVE + 199);
    }

    #[test]
    fn no_more_than_the_reserve_is_saved() {
        let budget = Budget::default();
        for _ in 0..10_000 {
            budget.deposit(100);
        }
        assert_eq!((0..1000).filter(|_| budget.withdraw()).count() as u64, RESERVE);
        assert!(!budget.withdraw());
    }
}
