//! The counts of one route: how its requests ended and how long they took.
//!
//! With thousands of routes the counts of one are in no cache when a request needs them, and then
//! each line costs more than the counting. So what nearly every request counts, an answer of 2xx
//! within 25 ms, lies in the first line of 64 bytes, and nothing else of a route is written to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Classes of status; `none` where the client went away first.
pub(super) const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
/// The class of most answers.
const USUAL_CLASS: usize = 2;

/// Upper bounds of durations, in seconds; beyond the last there is one bucket more.
pub(super) const BOUNDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// How many buckets there are.
pub(super) const BUCKETS: usize = BOUNDS.len() + 1;
/// How many of them most durations are in.
const SHORT: usize = 6;

/// Counts; in the order of how often they are needed.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(super) struct Counts {
    /// Of all durations together.
    nanoseconds: AtomicU64,
    /// Answers of 2xx.
    usual: AtomicU64,
    /// Requests that took longer than the bound before and not longer than this one's.
    short: [AtomicU64; SHORT],
    long: [AtomicU64; BUCKETS - SHORT],
    /// All classes; that of 2xx stays nothing.
    others: [AtomicU64; CLASSES.len()],
}

impl Counts {
    /// Counts a request that ended with this class of status, and took so long.
    pub(super) fn add(&self, class: usize, took: Duration) {
        let of_class =
            if class == USUAL_CLASS { Some(&self.usual) } else { self.others.get(class) };
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        let long = || self.long.get(bucket.checked_sub(SHORT)?);
        for count in [of_class, self.short.get(bucket).or_else(long)].into_iter().flatten() {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// How many ended with each class of status.
    pub(super) fn by_class(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let usual = |at| (at == USUAL_CLASS).then_some(&self.usual);
        let classes = CLASSES.into_iter().zip(&self.others).enumerate();
        classes.map(move |(at, (class, other))| {
            (class, usual(at).unwrap_or(other).load(Ordering::Relaxed))
        })
    }

    /// The buckets of durations, each with its upper bound in seconds.
    pub(super) fn by_duration(&self) -> Vec<(f64, u64)> {
        let counts = self.short.iter().chain(&self.long).map(|count| count.load(Ordering::Relaxed));
        BOUNDS.into_iter().chain([f64::INFINITY]).zip(counts).collect()
    }

    /// All durations together.
    pub(super) fn sum(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::mem::{offset_of, size_of};

    use super::*;

    #[test]
    fn what_most_requests_count_lies_in_one_line() {
        assert_eq!(offset_of!(Counts, nanoseconds), 0);
        assert_eq!(offset_of!(Counts, long), 64);
        assert_eq!(size_of::<Counts>(), 192);
    }

    #[test]
    fn each_class_and_each_duration_has_a_count_of_its_own() {
        let counts = Counts::default();
        for class in 0..CLASSES.len() {
            (0..=class).for_each(|_| counts.add(class, Duration::from_millis(20)));
        }
        counts.add(CLASSES.len(), Duration::from_millis(30));
        let by_class: Vec<(&str, u64)> = counts.by_class().collect();
        let expected = CLASSES.into_iter().zip(1..).collect::<Vec<_>>();
        assert_eq!(by_class, expected);
        let by_duration = counts.by_duration();
        assert_eq!((by_duration[5], by_duration[6]), ((0.025, 21), (0.05, 1)));
        assert_eq!(by_duration.iter().map(|(_, count)| count).sum::<u64>(), 22);
        assert_eq!(counts.sum(), Duration::from_millis(21 * 20 + 30));
    }
}
