//! What is counted, by route, and shown as Prometheus text on the admin listener.
//!
//! Labels are bounded: routes and services come from the configuration, statuses are classes,
//! rejection codes a fixed list. A route that is removed by a reload keeps its counts, up to a bound.

mod arrivals;
mod by_route;
mod counts;
mod targets;
mod vanished;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use symbolon_store::audit::Observer;

use arrivals::Arrivals;
pub(crate) use by_route::RouteMetrics;
use by_route::{ByRoute, Durations, RejectionLabels, Rejections, Requests, RouteLabels};
pub(crate) use targets::{TargetFigures, TargetMeters};
use vanished::Vanished;

use crate::rejection::Reason;

/// All meters of the gateway.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    routes: ByRoute,
    rejections: Rejections,
    in_flight: Gauge,
    pub(crate) connections: Gauge,
    pub(crate) arrivals: Arrivals,
    reloads: Family<ReloadLabels, Counter>,
    pub(crate) spans_dropped: Counter,
    http2_cut: Family<CutLabels, Counter>,
    unmatched: Arc<RouteMetrics>,
    targets: TargetMeters,
    vanished: Mutex<Vanished<RouteLabels>>,
    /// What is noted for the audit log: here, since every event has the meters at hand.
    pub(crate) observer: Arc<Observer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CutLabels {
    reason: &'static str,
}

impl Metrics {
    /// Registers everything.
    pub(crate) fn new(log_lines_dropped: &Counter, observer: Arc<Observer>) -> Arc<Self> {
        let mut registry = Registry::with_prefix("symbolon");
        let (routes, rejections) = (ByRoute::default(), Rejections::default());
        let (in_flight, connections) = (Gauge::<i64, AtomicI64>::default(), Gauge::default());
        let reloads = Family::<ReloadLabels, Counter>::default();
        let http2_cut = Family::<CutLabels, Counter>::default();
        registry.register(
            "requests",
            "Requests by route and class of status",
            Requests(routes.clone()),
        );
        registry.register("rejections", "Refused requests by reason", rejections.clone());
        registry.register(
            "request_duration_seconds",
            "From the first byte of the head to the last of the response",
            Durations(routes.clone()),
        );
        registry.register("requests_in_flight", "Requests being worked on", in_flight.clone());
        registry.register("connections", "Open downstream connections", connections.clone());
        registry.register("reloads", "Reloads of the configuration", reloads.clone());
        registry.register(
            "http2_cut",
            "Connections and streams of HTTP/2 that asked for too much",
            http2_cut.clone(),
        );
        registry.register(
            "access_log_dropped",
            "Lines lost because the writer was behind or could not write",
            log_lines_dropped.clone(),
        );
        let spans_dropped = Counter::default();
        registry.register(
            "trace_spans_dropped",
            "Spans lost because the collector was away or behind",
            spans_dropped.clone(),
        );
        let arrivals = Arrivals::new(&mut registry);
        let targets = TargetMeters::default();
        targets.register(&mut registry);
        let nothing = RouteLabels { route: String::new(), service: String::new() };
        let unmatched = routes.of(nothing, &rejections);
        Arc::new(Self {
            registry: Mutex::new(registry),
            routes,
            rejections,
            in_flight,
            connections,
            arrivals,
            reloads,
            spans_dropped,
            http2_cut,
            unmatched,
            targets,
            vanished: Mutex::default(),
            observer,
        })
    }

    /// The meters of a route.
    pub(crate) fn route(&self, route: &str, service: &str) -> Arc<RouteMetrics> {
        let labels = RouteLabels { route: route.to_owned(), service: service.to_owned() };
        self.routes.of(labels, &self.rejections)
    }

    /// Forgets series of routes that went long ago; `current` are those that there are now. A request
    /// that is still under way on one of them is not counted any more.
    pub(crate) fn keep<'a>(&self, current: impl Iterator<Item = &'a Arc<RouteMetrics>>) {
        let current = current.map(|route| route.labels().clone()).collect();
        let mut vanished = self.vanished.lock();
        for labels in vanished.replace(current) {
            self.routes.remove(&labels);
            let is_named_still = vanished.has(|other| other.route == labels.route);
            for reason in Reason::CODES.iter().filter(|_| !is_named_still) {
                let route = labels.route.clone();
                self.rejections.remove(&RejectionLabels { route, reason });
            }
        }
    }

    /// The meters of requests without a route.
    pub(crate) fn unmatched(&self) -> &RouteMetrics {
        &self.unmatched
    }

    pub(crate) fn request_began(&self) {
        self.in_flight.inc();
    }

    pub(crate) fn request_ended(&self) {
        self.in_flight.dec();
    }

    pub(crate) fn reloaded(&self, outcome: &'static str) {
        self.reloads.get_or_create(&ReloadLabels { outcome }).inc();
    }

    /// Counts what was cut off over HTTP/2: `flood`, `cancelled`, `stalled` or `refused`.
    pub(crate) fn http2_cut(&self, reason: &'static str) {
        self.http2_cut.get_or_create(&CutLabels { reason }).inc();
    }

    /// Everything as text for Prometheus; `tell` says how the targets are.
    pub(crate) fn text(&self, tell: impl FnOnce(&TargetMeters)) -> String {
        let mut out = String::new();
        let registry = self.registry.lock();
        // Under the lock, so that nobody reads them half told.
        self.targets.clear();
        tell(&self.targets);
        // Writing to a string cannot fail.
        let _ = encode(&mut out, &registry);
        out
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;

    use super::*;

    #[test]
    fn routes_that_went_long_ago_leave_no_series() {
        let metrics = Metrics::new(&Counter::default(), Arc::default());
        for number in 0..1_000 {
            let passing = metrics.route(&format!("passing-{number}"), &format!("s{number}"));
            let stays = metrics.route("stays", &format!("s{}", number % 2));
            for route in [&passing, &stays] {
                route.record(Some(StatusCode::OK), None, Duration::ZERO);
                route.record(Some(StatusCode::FORBIDDEN), Some("forbidden"), Duration::ZERO);
            }
            metrics.keep([&passing, &stays].into_iter());
        }
        let text = metrics.text(|_| ());
        let lines = |of: &str| text.lines().filter(|line| line.contains(of)).count();
        // Six classes, one reason, sum, count and buckets of the duration.
        let series = 6 + 1 + 2 + counts::BUCKETS;
        assert_eq!(lines("route=\"passing-0\""), 0);
        assert_eq!(lines("route=\"passing-999\""), series);
        assert!(lines("passing-") <= 257 * series, "{}", lines("passing-"));
        assert!(text.contains("rejections_total{route=\"stays\",reason=\"forbidden\"} 1000"));
    }
}
