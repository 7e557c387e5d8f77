//! Who may try a password now, who waits a moment, and who is told to come back.
//!
//! The arithmetic is [`symbolon_core::throttle`]'s. This room keeps the counters, bounded, and
//! does the waiting:
//! 1. Each pair of account and source has one place to wait. Whoever comes last has it, and the
//!    one before is answered 429: after any burst of wrong guesses the right password, coming
//!    last, is verified within [`symbolon_core::throttle::MAX_WAIT`].
//! 2. Somebody who goes away while waiting leaves their place to the next.
//! 3. At most [`MAX_HELD`] attempts wait altogether.

mod durable;
mod guesses;
mod key;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use symbolon_core::Timestamp;
use symbolon_core::seal::MasterKey;
use symbolon_core::throttle::{Admission, Pace, Paces, Pair, Source};
use tokio::sync::{Semaphore, oneshot};

use super::bounded_map::BoundedMap;
use crate::clock::Clock;
use durable::Which;
use key::Marks;

pub use key::AttemptKey;
pub(super) use key::Mark;

/// The most attempts that wait at the same time.
pub(crate) const MAX_HELD: usize = 1024;

/// The most counters of each kind are twice this many.
const MAX_COUNTERS: usize = 32 * 1024;

/// All attempts.
pub struct Attempts {
    clock: Arc<dyn Clock>,
    marks: Marks,
    held: Semaphore,
    counters: Mutex<Counters>,
}

/// One attempt that may go ahead.
#[must_use]
pub struct Attempt<'a> {
    attempts: &'a Attempts,
    key: (Mark, Source),
    share: Share,
}

/// What an attempt is charged to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    /// The name and the source.
    Whole,
    /// A further name of an attempt that its source has paid for.
    Name,
}

/// Too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts")]
pub struct Throttled {
    /// When it is worth trying again.
    pub retry_after: Duration,
}

struct Counters {
    pairs: BoundedMap<(Mark, Source), PairState>,
    sources: BoundedMap<Source, Pace>,
    accounts: BoundedMap<Mark, Pace>,
    tickets: u64,
    /// What is to be written.
    changed: HashSet<Which>,
}

#[derive(Default)]
struct PairState {
    pair: Pair,
    place: Option<Place>,
}

/// The place to wait; kept when its holder goes away, so that it is not paid for twice.
struct Place {
    at: Timestamp,
    ticket: u64,
    /// Dropped when somebody else takes the place.
    _holder: oneshot::Sender<()>,
}

/// What becomes of an attempt when it arrives.
enum Arrival {
    GoesAhead,
    Waits { at: Timestamp, ticket: u64, displaced: oneshot::Receiver<()> },
}

impl Attempts {
    /// Fresh budgets.
    pub(super) fn new(clock: Arc<dyn Clock>, master: &MasterKey) -> Self {
        Self {
            clock,
            marks: Marks::derive(master),
            held: Semaphore::new(MAX_HELD),
            counters: Mutex::new(Counters {
                pairs: BoundedMap::new(MAX_COUNTERS),
                sources: BoundedMap::new(MAX_COUNTERS),
                accounts: BoundedMap::new(MAX_COUNTERS),
                tickets: 0,
                changed: HashSet::new(),
            }),
        }
    }

    /// Waits for this attempt's turn.
    ///
    /// It is charged now, and given back by [`Attempt::succeed`]. Dropping the future leaves the
    /// place to the next; dropping the [`Attempt`] is a failure.
    pub async fn admit(&self, key: &AttemptKey, source: Source) -> Result<Attempt<'_>, Throttled> {
        self.arrive((self.mark(key), source), Share::Whole).await
    }

    async fn arrive(&self, key: (Mark, Source), share: Share) -> Result<Attempt<'_>, Throttled> {
        let now = self.clock.now();
        let arrival = self.counters.lock().arrive(&key, share, now)?;
        if let Arrival::Waits { at, ticket, displaced } = arrival {
            let wait = at.since(now);
            let throttled = Throttled { retry_after: wait };
            let _held = self.held.try_acquire().map_err(|_| throttled)?;
            tokio::select! {
                _ = displaced => return Err(throttled),
                () = tokio::time::sleep(wait) => {}
            }
            if !self.counters.lock().leave(&key, ticket) {
                return Err(throttled);
            }
        }
        Ok(Attempt { attempts: self, key, share })
    }

    /// The opaque name under which a budget is kept.
    pub(super) fn mark(&self, key: &AttemptKey) -> Mark {
        self.marks.of(key)
    }
}

impl<'a> Attempt<'a> {
    /// Waits for the turn of the same attempt under a further name: that of whom the name leads
    /// to. `None` where it is the same name. Charged as an attempt of its own, but for the source,
    /// which has paid.
    pub async fn further(&self, key: &AttemptKey) -> Result<Option<Attempt<'a>>, Throttled> {
        let key = (self.attempts.mark(key), self.key.1);
        if key == self.key {
            return Ok(None);
        }
        self.attempts.arrive(key, Share::Name).await.map(Some)
    }

    /// Nobody could say whether the password was right: it is not held against whoever tried.
    pub fn undecided(self) {
        let now = self.attempts.clock.now();
        self.attempts.counters.lock().pace(&self.key, self.share, |paces| paces.take_back(now));
    }

    /// The password was right.
    pub fn succeed(self) {
        let now = self.attempts.clock.now();
        self.attempts.counters.lock().pace(&self.key, self.share, |paces| paces.succeed(now));
    }
}

impl Counters {
    fn arrive(
        &mut self,
        key: &(Mark, Source),
        share: Share,
        now: Timestamp,
    ) -> Result<Arrival, Throttled> {
        let waiting_until =
            self.pairs.get(key).and_then(|state| state.place.as_ref()).map(|place| place.at);
        let at = match waiting_until {
            Some(at) => at,
            None => self.charge(key, share, now)?,
        };
        let state = self.pairs.entry(key);
        if at <= now {
            state.place = None;
            return Ok(Arrival::GoesAhead);
        }
        self.tickets += 1;
        let ticket = self.tickets;
        let (holder, displaced) = oneshot::channel();
        state.place = Some(Place { at, ticket, _holder: holder });
        Ok(Arrival::Waits { at, ticket, displaced })
    }

    /// Counts a new attempt and says when its turn is.
    fn charge(
        &mut self,
        key: &(Mark, Source),
        share: Share,
        now: Timestamp,
    ) -> Result<Timestamp, Throttled> {
        match self.pace(key, share, |paces| paces.admit(now)) {
            Admission::Refused { retry_after } => Err(Throttled { retry_after }),
            Admission::At(at) => Ok(at),
        }
    }

    /// Gives the place up when its time has come; whether it was still this holder's.
    fn leave(&mut self, key: &(Mark, Source), ticket: u64) -> bool {
        let state = self.pairs.entry(key);
        let is_mine = state.place.as_ref().is_some_and(|place| place.ticket == ticket);
        if is_mine {
            state.place = None;
        }
        is_mine
    }

    /// Works on the counters of an attempt. Those that it leaves as they are leave no trace:
    /// refused attempts, and those of owners, push nothing out.
    fn pace<T>(
        &mut self,
        key: &(Mark, Source),
        share: Share,
        work: impl FnOnce(&mut Paces<'_>) -> T,
    ) -> T {
        let (account, source) = key;
        let of_source = match share {
            Share::Whole => self.sources.get(source).copied(),
            // Whatever becomes of it, nobody keeps it.
            Share::Name => None,
        };
        let kept = (
            self.pairs.get(key).map_or_else(Pair::default, |state| state.pair),
            of_source.unwrap_or_default(),
            self.accounts.get(account).copied().unwrap_or_default(),
        );
        let mut now = kept;
        let done = work(&mut Paces {
            is_known: source.is_known(),
            pair: &mut now.0,
            source: &mut now.1,
            account: &mut now.2,
        });
        if now.0 != kept.0 {
            self.pairs.entry(key).pair = now.0;
            self.change(Which::Pair(*account, *source));
        }
        if now.1 != kept.1 && share == Share::Whole {
            *self.sources.entry(source) = now.1;
            self.change(Which::Source(*source));
        }
        if now.2 != kept.2 {
            *self.accounts.entry(account) = now.2;
            self.change(Which::Account(*account));
        }
        done
    }
}
