//! Counters over a restart: what changed is written behind, and read at the start.
//!
//! 1. A crash loses what was counted within the last second, which is a few guesses more.
//! 2. Beyond [`MAX_CHANGED`] counters that wait to be written, further ones are not written; they
//!    count in memory all the same.
//! 3. While another process has the store as well, each counts for itself, and what was written
//!    last stays.

use std::time::Duration;

use symbolon_core::Timestamp;
use symbolon_core::throttle::{ACCOUNT, Budget, Pace, Pair, SOURCE, Source, Standing};

use super::key::Mark;
use super::{Attempts, Counters, MAX_COUNTERS, PairState};
use crate::core_store::{CoreStore, StoredAttempts};
use crate::error::StoreError;

/// The most counters that wait to be written.
const MAX_CHANGED: usize = 8192;

/// The most counters in one transaction.
const BATCH: usize = 256;

/// The most batches of counters that are forgotten in one turn: more than a turn writes, so that
/// they do not pile up.
const FORGET_BATCHES: usize = 2 * MAX_CHANGED / BATCH;

/// Which counter.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Which {
    Pair(Mark, Source),
    Source(Source),
    Account(Mark),
}

impl Attempts {
    /// Takes up the counters of the last run.
    pub(crate) async fn restore(
        &self,
        core: &dyn CoreStore,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let most = u32::try_from(MAX_COUNTERS).unwrap_or(u32::MAX);
        let kept = core.load_attempts(now, most).await?;
        let mut counters = self.counters.lock();
        // The newest come first, and what is used last is forgotten last.
        for row in kept.iter().rev() {
            counters.restore(row);
        }
        Ok(())
    }

    /// Writes the counters that have changed, and forgets those that are over.
    pub(crate) async fn save(
        &self,
        core: &dyn CoreStore,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = self.counters.lock().take_changed();
        let mut batches = changed.chunks(BATCH);
        while let Some(batch) = batches.next() {
            if let Err(error) = core.save_attempts(batch).await {
                // They wait for the next turn.
                let mut counters = self.counters.lock();
                for which in batch.iter().chain(batches.flatten()).filter_map(which) {
                    counters.change(which);
                }
                return Err(error);
            }
        }
        let most = u32::try_from(BATCH).unwrap_or(u32::MAX);
        for _ in 0..FORGET_BATCHES {
            if core.forget_attempts(now, most).await? < u64::from(most) {
                break;
            }
        }
        Ok(())
    }
}

impl Counters {
    /// Notes that a counter has to be written.
    pub(super) fn change(&mut self, which: Which) {
        if self.changed.len() < MAX_CHANGED {
            self.changed.insert(which);
        }
    }

    fn take_changed(&mut self) -> Vec<StoredAttempts> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|which| self.row(which)).collect()
    }

    /// A counter as it is kept; `None` if it was forgotten already.
    fn row(&self, which: Which) -> Option<StoredAttempts> {
        Some(match which {
            Which::Pair(mark, source) => {
                let pair = self.pairs.get(&(mark, source))?.pair;
                StoredAttempts {
                    mark: mark.as_bytes().to_vec(),
                    source: source.to_text(),
                    proved_at: pair.proved_at(),
                    forget_at: pair.is_over_at(),
                    ..row(pair.pace(), &SOURCE)
                }
            }
            Which::Source(source) => StoredAttempts {
                source: source.to_text(),
                ..row(*self.sources.get(&source)?, &SOURCE)
            },
            Which::Account(mark) => StoredAttempts {
                mark: mark.as_bytes().to_vec(),
                ..row(*self.accounts.get(&mark)?, &ACCOUNT)
            },
        })
    }

    fn restore(&mut self, row: &StoredAttempts) {
        let pace = Pace::from(Standing {
            attempts: row.attempts,
            counted_at: row.counted_at,
            next_at: row.next_at,
        });
        match which(row) {
            Some(Which::Pair(mark, source)) => {
                let pair = Pair::kept(pace, row.proved_at);
                *self.pairs.entry(&(mark, source)) = PairState { pair, place: None };
            }
            Some(Which::Source(source)) => *self.sources.entry(&source) = pace,
            Some(Which::Account(mark)) => *self.accounts.entry(&mark) = pace,
            None => {}
        }
    }
}

/// What all counters have.
fn row(pace: Pace, budget: &Budget) -> StoredAttempts {
    let Standing { attempts, counted_at, next_at } = pace.standing();
    StoredAttempts {
        mark: Vec::new(),
        source: String::new(),
        attempts,
        counted_at,
        next_at,
        proved_at: None,
        forget_at: pace.is_over_at(budget).max(counted_at.plus(Duration::from_secs(1))),
    }
}

/// `None` for a row that is none of ours.
fn which(row: &StoredAttempts) -> Option<Which> {
    let mark = || row.mark.as_slice().try_into().ok().map(Mark);
    let source = Source::from_text(&row.source);
    match (row.mark.is_empty(), row.source.is_empty()) {
        (true, false) => Some(Which::Source(source)),
        (false, true) => Some(Which::Account(mark()?)),
        (false, false) => Some(Which::Pair(mark()?, source)),
        (true, true) => None,
    }
}
