//! How much a target has to do, and how fast it lately was.
//!
//! The average is a peak EWMA: a slow answer counts at once, a fast one only little by little,
//! so that a target that gets slow is avoided soon and trusted again late. Threads that write at
//! the same time may lose one another's sample, which no decision depends on.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::epoch::Micros;

/// After this time, a sample counts for a third of what it did.
const DECAY: f64 = 10_000_000.0;
/// What a target without any sample costs for each request that it already has.
const UNKNOWN: f64 = 1_000_000.0;

/// Requests under way and the average time to an answer.
#[derive(Debug, Default)]
pub(super) struct Load {
    under_way: AtomicU32,
    average: AtomicU64,
    sampled_at: AtomicU64,
}

impl Load {
    pub(super) fn began(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn ended(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn under_way(&self) -> u32 {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Counts an answer that took so long.
    pub(super) fn sample(&self, took: Micros, now: Micros) {
        let average = self.average_at(now);
        let sampled_at = self.sampled_at.swap(now, Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "an average need not be exact")]
        let took = took.max(1) as f64;
        let new = if took > average || sampled_at == 0 {
            took
        } else {
            let kept = kept(now.saturating_sub(sampled_at));
            average.mul_add(kept, took * (1.0 - kept))
        };
        self.average.store(new.to_bits(), Ordering::Relaxed);
    }

    /// What one more request would cost here: the lower, the better.
    pub(super) fn cost(&self, weight: u32, now: Micros) -> f64 {
        let under_way = f64::from(self.under_way());
        let average = self.average_at(now);
        // A new target gets one request to show how fast it is, and not all of them.
        let cost = match self.sampled_at.load(Ordering::Relaxed) {
            0 => UNKNOWN * under_way,
            _ => average * (under_way + 1.0),
        };
        cost / f64::from(weight)
    }

    /// The average as it has faded since: a target that was slow once is asked again some day.
    fn average_at(&self, now: Micros) -> f64 {
        let average = f64::from_bits(self.average.load(Ordering::Relaxed));
        average * kept(now.saturating_sub(self.sampled_at.load(Ordering::Relaxed)))
    }
}

/// How much of a sample is left after a while.
fn kept(elapsed: Micros) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an average need not be exact")]
    let elapsed = elapsed as f64;
    (-elapsed / DECAY).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Micros = 1_000;

    #[test]
    fn a_slow_answer_counts_at_once_and_is_forgiven_slowly() {
        let load = Load::default();
        for at in 1..100 {
            load.sample(MILLI, at * MILLI);
        }
        let fast = load.cost(1, 100 * MILLI);
        load.sample(50 * MILLI, 101 * MILLI);
        let slow = load.cost(1, 101 * MILLI);
        assert!(slow > 40.0 * fast, "{fast} {slow}");
        load.sample(MILLI, 102 * MILLI);
        assert!(load.cost(1, 102 * MILLI) > 0.9 * slow);
        assert!(load.cost(1, 60_000 * MILLI) < 0.01 * slow, "it is never asked again");
    }

    #[test]
    fn a_new_target_is_asked_once_before_it_is_trusted() {
        let (new, known) = (Load::default(), Load::default());
        known.sample(MILLI, 1);
        assert!(new.cost(1, 2) < known.cost(1, 2));
        new.began();
        assert!(new.cost(1, 2) > known.cost(1, 2));
    }

    #[test]
    fn who_has_more_to_do_or_weighs_less_costs_more() {
        let load = Load::default();
        load.sample(MILLI, 1);
        let (idle, heavy) = (load.cost(1, 1), load.cost(2, 1));
        load.began();
        assert!(load.cost(1, 1) > idle && heavy < idle);
        load.ended();
        assert!((load.cost(1, 1) - idle).abs() < f64::EPSILON);
    }
}
