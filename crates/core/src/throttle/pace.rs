//! One counter of attempts: how many are free, and how long the next one waits.

use std::time::Duration;

use super::MAX_WAIT;
use crate::time::Timestamp;

/// How many attempts are free and how the waits grow after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Attempts without a wait.
    pub free: u32,
    /// The wait between the last free attempt and the next; doubles with every attempt.
    pub first_wait: Duration,
    /// The longest wait between two attempts.
    pub max_wait: Duration,
    /// After this long without one, an attempt is forgotten.
    pub refill: Duration,
}

/// The attempts so far, and the earliest time of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    attempts: u32,
    counted_at: Timestamp,
    next_at: Timestamp,
}

/// A pace as it is kept over a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Attempts so far.
    pub attempts: u32,
    /// When the last was counted.
    pub counted_at: Timestamp,
    /// The earliest time of the next.
    pub next_at: Timestamp,
}

impl Budget {
    /// The wait after the attempt with this number.
    fn wait_after(&self, attempts: u32) -> Duration {
        let Some(over) = attempts.checked_sub(self.free) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(over).unwrap_or(u32::MAX);
        self.first_wait.saturating_mul(factor).min(self.max_wait)
    }
}

impl From<Standing> for Pace {
    fn from(Standing { attempts, counted_at, next_at }: Standing) -> Self {
        Self { attempts, counted_at, next_at }
    }
}

impl Pace {
    /// As it is to be kept.
    pub fn standing(&self) -> Standing {
        let Self { attempts, counted_at, next_at } = *self;
        Standing { attempts, counted_at, next_at }
    }

    /// From when on it says no more than a new one.
    pub fn is_over_at(&self, budget: &Budget) -> Timestamp {
        let refilled = self.counted_at.plus(budget.refill.saturating_mul(self.attempts));
        refilled.max(self.next_at)
    }

    /// How many attempts count at `now`.
    pub fn attempts(&self, budget: &Budget, now: Timestamp) -> u32 {
        let forgotten = now.since(self.counted_at).as_micros() / budget.refill.as_micros().max(1);
        self.attempts.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX))
    }

    /// The earliest time at which another attempt may be verified.
    ///
    /// What lies further off than this ever puts it was written before the clock jumped back,
    /// and is void.
    pub fn earliest(&self, budget: &Budget, now: Timestamp) -> Timestamp {
        if self.next_at > now.plus(MAX_WAIT).plus(budget.max_wait) {
            return now;
        }
        self.next_at.max(now)
    }

    /// Counts an attempt that arrived at `now` and is verified at `at`.
    pub fn charge(&mut self, budget: &Budget, now: Timestamp, at: Timestamp) {
        self.attempts = self.attempts(budget, now).saturating_add(1);
        self.counted_at = now;
        let wait = budget.wait_after(self.attempts);
        if !wait.is_zero() {
            self.next_at = at.plus(wait);
        }
    }

    /// Takes one attempt back.
    pub fn give_back(&mut self, budget: &Budget, now: Timestamp) {
        self.attempts = self.attempts(budget, now).saturating_sub(1);
        self.counted_at = now;
    }
}
