//! The generic cell rate algorithm (ITU-T I.371, virtual scheduling): one number for each key.
//!
//! That number is the theoretical arrival time: when the next request would be due if all came
//! evenly. A request may come early by as much as the burst allows. Times are nanoseconds.

use super::rule::RateLimit;

/// A rule in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gcra {
    /// From one request to the next.
    interval: i64,
    /// How far the theoretical arrival time may run ahead.
    ahead: i64,
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether it may pass.
    pub(super) is_admitted: bool,
    /// The theoretical arrival time from now on.
    pub(super) due: i64,
    /// How many more could pass right now.
    pub(super) remaining: u64,
    /// How long until one more than that could.
    pub(super) until_more: i64,
}

impl Gcra {
    pub(super) fn of(rule: &RateLimit) -> Self {
        let per = i64::try_from(rule.per.as_nanos()).unwrap_or(i64::MAX);
        let interval = (per / i64::from(rule.requests)).max(1);
        Self { interval, ahead: interval.saturating_mul(i64::from(rule.burst)) }
    }

    /// Judges a request that comes now; `due` is the number from last time, 0 for the first time.
    pub(super) fn judge(&self, due: i64, now: i64) -> Verdict {
        // A clock that jumped back leaves a number from the future behind; it counts as a bucket
        // that has just been emptied.
        let due = due.max(now).min(now.saturating_add(self.ahead));
        let next = due.saturating_add(self.interval);
        let is_admitted = next - now <= self.ahead;
        let due = if is_admitted { next } else { due };
        let room = self.ahead - (due - now);
        Verdict {
            is_admitted,
            due,
            remaining: u64::try_from(room / self.interval).unwrap_or(0),
            until_more: self.interval - room % self.interval,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::keys::CountBy;
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn gcra(requests: u32, seconds: u64, burst: u32) -> Gcra {
        let per = Duration::from_secs(seconds);
        Gcra::of(&RateLimit::new(requests, per, Some(burst), CountBy::Route).unwrap())
    }

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let (gcra, now) = (gcra(6, 60, 3), 1_000 * SECOND);
        let mut due = 0;
        for remaining in [2, 1, 0] {
            let verdict = gcra.judge(due, now);
            assert!(verdict.is_admitted);
            assert_eq!(verdict.remaining, remaining);
            due = verdict.due;
        }
        let refused = gcra.judge(due, now);
        assert!(!refused.is_admitted && refused.due == due, "a refusal costs nothing");
        assert_eq!(refused.until_more, 10 * SECOND);
        assert_eq!(gcra.judge(due, now + 4 * SECOND).until_more, 6 * SECOND);
        assert!(!gcra.judge(due, now + 10 * SECOND - 1).is_admitted);
        let next = gcra.judge(due, now + 10 * SECOND);
        assert!(next.is_admitted && !gcra.judge(next.due, now + 10 * SECOND).is_admitted);
    }

    #[test]
    fn a_clock_that_jumps_back_locks_nobody_out_for_long() {
        let (gcra, now) = (gcra(10, 10, 10), 1_000_000 * SECOND);
        let due = gcra.judge(0, now).due;
        let earlier = now - 3_600 * SECOND;
        let verdict = gcra.judge(due, earlier);
        assert!(!verdict.is_admitted && verdict.until_more == SECOND);
        assert!(gcra.judge(verdict.due, earlier + SECOND).is_admitted);
    }

    proptest! {
        #[test]
        fn in_no_window_more_pass_than_burst_and_rate_allow(
            requests in 1_u32..50, burst in 1_u32..50,
            gaps in proptest::collection::vec(0_i64..3_000_000_000, 1..300),
        ) {
            let gcra = gcra(requests, 10, burst);
            let (mut due, mut now, mut admitted) = (0, 1_000 * SECOND, Vec::new());
            for gap in gaps {
                now += gap;
                let verdict = gcra.judge(due, now);
                due = verdict.due;
                if verdict.is_admitted {
                    admitted.push(now);
                }
            }
            for (at, first) in admitted.iter().enumerate() {
                for (count, last) in admitted[at..].iter().enumerate() {
                    let allowed = i64::from(burst) + (last - first) / gcra.interval;
                    prop_assert!(i64::try_from(count).unwrap() < allowed + 1);
                }
            }
        }
    }
}
