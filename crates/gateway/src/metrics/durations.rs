//! How long requests took, for one route: a histogram in two cache lines.
//!
//! With thousands of routes the meters of a route are in no cache when a request needs them, and
//! then each line costs more than the counting. The histogram of `prometheus_client` keeps its
//! buckets, with their bounds and a lock, in five.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// Upper bounds, in seconds; beyond the last there is one bucket more.
const BOUNDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// How many buckets there are.
pub(super) const BUCKETS: usize = BOUNDS.len() + 1;

/// The durations of one route; copies are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Durations(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// Of all durations.
    nanoseconds: AtomicU64,
    /// Requests that took longer than the bound before and not longer than this one's.
    buckets: [AtomicU64; BUCKETS],
}

impl Durations {
    /// Counts a request that took so long.
    pub(super) fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.0.buckets.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.0.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

impl TypedMetric for Durations {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Durations {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let counts = self.0.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> =
            BOUNDS.into_iter().chain([f64::INFINITY]).zip(counts).collect();
        // What the buckets hold, and not a count of its own: it always agrees with them.
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(self.0.nanoseconds.load(Ordering::Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::histogram::Histogram;
    use prometheus_client::registry::Registry;

    use super::*;

    /// On the bounds, between them, beyond the last, nothing.
    const TOOK: [u64; 7] = [0, 500, 501, 2_500, 90_000, 30_000_000, 31_000_000];

    #[test]
    fn it_is_told_like_any_other_histogram() {
        let (ours, other) = (Durations::default(), Histogram::new(BOUNDS));
        for micros in TOOK {
            let took = Duration::from_micros(micros);
            ours.observe(took);
            other.observe(took.as_secs_f64());
        }
        let text = |register: &dyn Fn(&mut Registry)| {
            let (mut registry, mut out) = (Registry::default(), String::new());
            register(&mut registry);
            encode(&mut out, &registry).unwrap();
            out
        };
        let ours = text(&|registry| registry.register("took", "Time", ours.clone()));
        assert!(ours.contains("took_bucket{le=\"+Inf\"} 7"), "{ours}");
        assert_eq!(ours, text(&|registry| registry.register("took", "Time", other.clone())));
    }
}
