//! Whether a target gets requests: in, down by its health checks, ejected by its own failures,
//! or coming back slowly.
//!
//! One byte says that nothing special holds, which is all that a request looks at then.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

use super::epoch::Micros;

const DOWN: u8 = 1;
const EJECTED: u8 = 2;
const RAMPING: u8 = 4;

/// The least share that a target gets while it comes back, in a thousand.
const FIRST_SHARE: u64 = 100;

/// What is held against a target.
#[derive(Debug, Default)]
pub(super) struct Standing {
    notes: AtomicU8,
    ejected_until: AtomicU64,
    last_span: AtomicU64,
    in_a_row: AtomicU32,
    ramp_from: AtomicU64,
    failures: AtomicU32,
    errors: AtomicU32,
    ejections: AtomicU64,
}

impl Standing {
    /// Whether nothing special holds; no clock is needed then.
    pub(super) fn is_plain(&self) -> bool {
        self.notes.load(Ordering::Relaxed) == 0
    }

    /// Whether it may get requests. An ejection whose time is over still counts until
    /// [`Self::readmit`] is called.
    pub(super) fn is_in(&self) -> bool {
        self.notes.load(Ordering::Acquire) & (DOWN | EJECTED) == 0
    }

    pub(super) fn is_ejected(&self) -> bool {
        self.notes.load(Ordering::Relaxed) & EJECTED != 0
    }

    /// Ends an ejection whose time is over; `true` for the one caller that ended it.
    pub(super) fn readmit(&self, now: Micros) -> bool {
        self.is_ejected()
            && self.ejected_until.load(Ordering::Acquire) <= now
            && self.take(EJECTED, now)
    }

    /// Ends an ejection before its time: what it was for has been seen to.
    pub(super) fn pardon(&self, now: Micros) -> bool {
        self.failures.store(0, Ordering::Relaxed);
        self.take(EJECTED, now)
    }

    /// What a health check found; `true` when that is news.
    pub(super) fn checked(&self, is_well: bool, now: Micros) -> bool {
        if is_well { self.take(DOWN, now) } else { self.put(DOWN) }
    }

    /// Leaves it out for a while: longer each time, as long as it fails again soon after. Returns
    /// for how long, or nothing if it is out already.
    pub(super) fn eject(&self, base: Micros, most: Micros, now: Micros) -> Option<Micros> {
        let (until, last) = (&self.ejected_until, &self.last_span);
        let calm = last.load(Ordering::Relaxed);
        let relapsed = now < until.load(Ordering::Relaxed).saturating_add(calm);
        let times = if relapsed { self.in_a_row.load(Ordering::Relaxed) } else { 0 };
        let times = times.saturating_add(1);
        let span = base.saturating_mul(u64::from(times)).min(most);
        if self.is_ejected() {
            return None;
        }
        self.in_a_row.store(times, Ordering::Relaxed);
        last.store(span, Ordering::Relaxed);
        until.store(now.saturating_add(span), Ordering::Release);
        self.ejections.fetch_add(1, Ordering::Relaxed);
        self.put(EJECTED).then_some(span)
    }

    /// The share of what it would get that it gets while it comes back, in a thousand.
    pub(super) fn share(&self, slow_start: Micros, now: Micros) -> u64 {
        if self.notes.load(Ordering::Relaxed) & RAMPING == 0 {
            return 1000;
        }
        let elapsed = now.saturating_sub(self.ramp_from.load(Ordering::Relaxed));
        if elapsed >= slow_start {
            self.notes.fetch_and(!RAMPING, Ordering::Relaxed);
            return 1000;
        }
        (elapsed.saturating_mul(1000) / slow_start.max(1)).max(FIRST_SHARE)
    }

    /// Counts a request without an answer; how many there were in a row.
    pub(super) fn failed(&self) -> u32 {
        self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// Counts an answer; how many errors there were in a row.
    pub(super) fn answered(&self, is_error: bool) -> u32 {
        // Written only where it changes something: the line stays shared between processors.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if is_error {
            return self.errors.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        }
        if self.errors.load(Ordering::Relaxed) != 0 {
            self.errors.store(0, Ordering::Relaxed);
        }
        0
    }

    /// How often it was ejected since it is known.
    pub(super) fn ejections(&self) -> u64 {
        self.ejections.load(Ordering::Relaxed)
    }

    fn put(&self, note: u8) -> bool {
        self.notes.fetch_or(note, Ordering::AcqRel) & note == 0
    }

    /// Takes a note away; whoever comes back begins slowly.
    fn take(&self, note: u8, now: Micros) -> bool {
        if self.notes.load(Ordering::Relaxed) & note == 0 {
            return false;
        }
        self.ramp_from.store(now, Ordering::Relaxed);
        self.notes.fetch_or(RAMPING, Ordering::AcqRel);
        self.notes.fetch_and(!note, Ordering::AcqRel) & note != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ejections_grow_while_it_relapses_and_start_over_after_calm() {
        let standing = Standing::default();
        assert_eq!(standing.eject(10, 25, 1), Some(10));
        assert_eq!(standing.eject(10, 25, 2), None, "it is out already");
        assert!(!standing.readmit(10) && !standing.is_in());
        assert!(standing.readmit(11) && standing.is_in());
        assert!(!standing.readmit(12), "only once");
        assert_eq!(standing.eject(10, 25, 12), Some(20));
        assert!(standing.readmit(32));
        assert_eq!(standing.eject(10, 25, 33), Some(25), "at most so long");
        assert!(standing.readmit(58));
        assert_eq!(standing.eject(10, 25, 58 + 25), Some(10));
        assert_eq!(standing.ejections(), 4);
    }

    #[test]
    fn a_target_that_comes_back_gets_its_share_little_by_little() {
        let standing = Standing::default();
        assert_eq!(standing.share(1000, 5), 1000);
        assert!(standing.checked(false, 10) && !standing.checked(false, 11));
        assert!(standing.checked(true, 100) && !standing.checked(true, 101));
        assert_eq!(standing.share(1000, 100), 100);
        assert_eq!(standing.share(1000, 600), 500);
        assert_eq!(standing.share(1000, 1100), 1000);
        assert!(standing.is_plain());
    }

    #[test]
    fn down_and_ejected_are_told_apart() {
        let standing = Standing::default();
        standing.checked(false, 1);
        standing.eject(10, 10, 1);
        assert!(standing.readmit(20) && !standing.is_in());
        assert!(standing.checked(true, 21) && standing.is_in());
    }

    #[test]
    fn whoever_is_pardoned_is_in_and_begins_anew() {
        let standing = Standing::default();
        standing.failed();
        standing.eject(10, 10, 1);
        assert!(standing.pardon(2) && standing.is_in());
        assert!(!standing.pardon(3));
        assert_eq!(standing.failed(), 1);
    }

    #[test]
    fn one_answer_ends_a_row_of_failures() {
        let standing = Standing::default();
        assert_eq!((standing.failed(), standing.failed()), (1, 2));
        assert_eq!((standing.answered(true), standing.answered(true)), (1, 2));
        assert_eq!(standing.failed(), 1);
        assert_eq!((standing.answered(false), standing.answered(true)), (0, 1));
    }
}
