//! The meters of all routes, and how they are told.
//!
//! `prometheus_client` keeps each count of a family for itself. Here all counts of a route lie
//! together ([`Counts`]), and become two families when somebody asks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use http::StatusCode;
use parking_lot::RwLock;
use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::counts::Counts;
use crate::rejection::Reason;

/// The meters of one route, found once.
#[derive(Debug)]
pub(crate) struct RouteMetrics {
    counts: Counts,
    labels: RouteLabels,
    rejections: Rejections,
}

/// Refused requests of all routes.
pub(super) type Rejections = Family<RejectionLabels, Counter>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RouteLabels {
    pub(super) route: String,
    pub(super) service: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RejectionLabels {
    pub(super) route: String,
    pub(super) reason: &'static str,
}

/// The meters of every route; copies are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct ByRoute(Arc<RwLock<HashMap<RouteLabels, Arc<RouteMetrics>>>>);

/// They as requests by class of status.
#[derive(Debug)]
pub(super) struct Requests(pub(super) ByRoute);

/// They as durations.
#[derive(Debug)]
pub(super) struct Durations(pub(super) ByRoute);

impl ByRoute {
    /// The meters of a route, which go on where there were some.
    pub(super) fn of(&self, labels: RouteLabels, rejections: &Rejections) -> Arc<RouteMetrics> {
        let mut routes = self.0.write();
        let meters = routes.entry(labels).or_insert_with_key(|labels| {
            let (counts, labels) = (Counts::default(), labels.clone());
            Arc::new(RouteMetrics { counts, labels, rejections: rejections.clone() })
        });
        Arc::clone(meters)
    }

    pub(super) fn remove(&self, labels: &RouteLabels) {
        self.0.write().remove(labels);
    }
}

impl EncodeMetric for Requests {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for RouteMetrics { counts, labels, .. } in self.0.0.read().values().map(|route| &**route) {
            for (status, count) in counts.by_class() {
                let (route, service) = (&*labels.route, &*labels.service);
                let labels = [("route", route), ("service", service), ("status", status)];
                let mut encoder = encoder.encode_family(&labels)?;
                encoder.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Counter
    }
}

impl EncodeMetric for Durations {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for RouteMetrics { counts, labels, .. } in self.0.0.read().values().map(|route| &**route) {
            let buckets = counts.by_duration();
            // What the buckets hold, and not a count of its own: it always agrees with them.
            let count = buckets.iter().map(|(_, count)| count).sum();
            let sum = counts.sum().as_secs_f64();
            let mut encoder = encoder.encode_family(labels)?;
            encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

impl RouteMetrics {
    pub(super) fn labels(&self) -> &RouteLabels {
        &self.labels
    }

    /// Counts a request that is over.
    pub(crate) fn record(
        &self,
        status: Option<StatusCode>,
        rejection: Option<&'static str>,
        took: Duration,
    ) {
        self.counts.add(status.map_or(0, |status| usize::from(status.as_u16() / 100)), took);
        if let Some(reason) = rejection {
            debug_assert!(Reason::CODES.contains(&reason), "`{reason}` is not in the list");
            let labels = RejectionLabels { route: self.labels.route.clone(), reason };
            self.rejections.get_or_create(&labels).inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::histogram::Histogram;
    use prometheus_client::registry::Registry;

    use super::super::counts::BOUNDS;
    use super::*;

    /// On the bounds, between them, beyond the last, nothing.
    const TOOK: [u64; 7] = [0, 500, 501, 2_500, 90_000, 30_000_000, 31_000_000];

    #[test]
    fn they_are_told_like_any_other_family() {
        let told = |register: &dyn Fn(&mut Registry)| {
            let (mut registry, mut out) = (Registry::default(), String::new());
            register(&mut registry);
            encode(&mut out, &registry).unwrap();
            // The series of one family come in any order.
            let mut lines: Vec<String> = out.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        let ours = ByRoute::default();
        let labels = || RouteLabels { route: "r\"1".to_owned(), service: "s".to_owned() };
        let requests = Family::<Vec<(String, String)>, Counter>::default();
        let durations =
            Family::<RouteLabels, Histogram, _>::new_with_constructor(|| Histogram::new(BOUNDS));
        for class in super::super::counts::CLASSES {
            let pairs = [("route", "r\"1"), ("service", "s"), ("status", class)];
            let labels = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let counter = requests.get_or_create_owned(&labels.to_vec());
            if class == "2xx" {
                counter.inc_by(TOOK.len() as u64);
            }
        }
        for micros in TOOK {
            let took = Duration::from_micros(micros);
            ours.of(labels(), &Rejections::default()).record(Some(StatusCode::OK), None, took);
            durations.get_or_create(&labels()).observe(took.as_secs_f64());
        }
        let ours = told(&|registry| {
            registry.register("requests", "Requests", Requests(ours.clone()));
            registry.register("took", "Time", Durations(ours.clone()));
        });
        assert!(
            ours.iter().any(|line| line.ends_with("le=\"+Inf\",route=\"r\\\"1\",service=\"s\"} 7")
                || line.contains("le=\"+Inf\"") && line.ends_with("} 7")),
            "{ours:?}"
        );
        let other = told(&|registry| {
            registry.register("requests", "Requests", requests.clone());
            registry.register("took", "Time", durations.clone());
        });
        assert_eq!(ours, other);
    }
}
