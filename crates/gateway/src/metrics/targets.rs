//! What the metrics say of targets. It is read from their live state whenever somebody asks, so
//! that a target that is gone leaves no label behind, and requests count nothing twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::balance::Balancer;

/// The meters of services and their targets.
#[derive(Default)]
pub(crate) struct TargetMeters {
    available: Family<TargetLabels, Gauge<i64, AtomicI64>>,
    ejections: Family<TargetLabels, Counter>,
    retries: Family<RetryLabels, Counter>,
}

/// What is known of one target.
pub(crate) struct TargetFigures {
    pub(crate) service: Arc<str>,
    pub(crate) target: Arc<str>,
    pub(crate) is_in: bool,
    pub(crate) ejections: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TargetLabels {
    service: String,
    target: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RetryLabels {
    service: String,
    outcome: &'static str,
}

impl TargetMeters {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "target_available",
            "Whether a target gets requests: 0 while it is unhealthy or ejected",
            self.available.clone(),
        );
        registry.register(
            "target_ejections",
            "How often a target was ejected",
            self.ejections.clone(),
        );
        registry.register(
            "retries",
            "Further tries of requests: made, or denied by the budget",
            self.retries.clone(),
        );
    }

    /// Forgets everything; what still is is told again.
    pub(super) fn clear(&self) {
        self.available.clear();
        self.ejections.clear();
        self.retries.clear();
    }

    /// Takes over what is known of a service.
    pub(crate) fn tell(&self, balancer: &Balancer) {
        let figures = balancer.figures();
        if figures.is_empty() {
            return;
        }
        for figures in figures {
            let TargetFigures { service, target, is_in, ejections } = figures;
            let labels = TargetLabels { service: service.to_string(), target: target.to_string() };
            self.available.get_or_create(&labels).set(i64::from(is_in));
            set(&self.ejections.get_or_create(&labels), ejections);
        }
        let (service, made, denied) = balancer.retries();
        for (outcome, count) in [("made", made), ("denied", denied)] {
            let labels = RetryLabels { service: service.to_owned(), outcome };
            set(&self.retries.get_or_create(&labels), count);
        }
    }
}

fn set(counter: &Counter, count: u64) {
    let inner: &AtomicU64 = counter.inner();
    inner.store(count, Ordering::Relaxed);
}
