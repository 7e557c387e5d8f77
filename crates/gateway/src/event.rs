//! The access event: one for every request, whatever happened to it, written when it is dropped.
//!
//! It holds what is public: names, ids, codes, sizes and times. The query is left out, since
//! people put secrets there; credentials never come near it.

mod line;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::StatusCode;
use symbolon_core::Timestamp;
use tokio::time::Instant;

use crate::access_log::AccessLogger;
use crate::metrics::{Metrics, RouteMetrics};
use crate::rejection::Rejection;
use crate::snapshot::BoundRoute;
use crate::stage::{Clean, Identified, Identity, Permitted};

/// What is known of a request so far.
pub(crate) struct Event {
    request_id: Arc<str>,
    at: Timestamp,
    started: Instant,
    peer: IpAddr,
    clean: Option<Arc<Clean>>,
    route: Option<Arc<BoundRoute>>,
    target: Arc<str>,
    tries: u32,
    identity: Identity,
    rule: Option<&'static str>,
    status: Option<StatusCode>,
    rejection: Option<Rejection>,
    failure: Option<String>,
    bytes_sent: u64,
    logger: AccessLogger,
    metrics: Arc<Metrics>,
}

impl Event {
    /// Begins with what is known before anything was looked at.
    pub(crate) fn begin(
        request_id: Arc<str>,
        at: Timestamp,
        peer: SocketAddr,
        logger: AccessLogger,
        metrics: Arc<Metrics>,
    ) -> Self {
        metrics.request_began();
        Self {
            request_id,
            at,
            started: Instant::now(),
            peer: peer.ip(),
            clean: None,
            route: None,
            target: Arc::default(),
            tries: 0,
            identity: Identity::Anonymous,
            rule: None,
            status: None,
            rejection: None,
            failure: None,
            bytes_sent: 0,
            logger,
            metrics,
        }
    }

    pub(crate) fn request_id(&self) -> &Arc<str> {
        &self.request_id
    }

    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn cleaned(&mut self, clean: &Arc<Clean>) {
        self.clean = Some(Arc::clone(clean));
    }

    pub(crate) fn matched(&mut self, route: &Arc<BoundRoute>) {
        self.route = Some(Arc::clone(route));
    }

    pub(crate) fn identified(&mut self, identified: &Identified) {
        self.identity = identified.identity().clone();
    }

    pub(crate) fn permitted(&mut self, permitted: &Permitted) {
        self.rule = Some(permitted.rule());
    }

    /// Notes who is asked now; asked is counted each time.
    pub(crate) fn set_target(&mut self, target: &Arc<str>) {
        self.target = Arc::clone(target);
        self.tries += 1;
    }

    pub(crate) fn rejected(&mut self, rejection: Rejection) {
        self.rejection = Some(rejection);
    }

    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.bytes_sent += bytes as u64;
    }

    pub(crate) fn broke_off(&mut self, error: &dyn std::error::Error) {
        self.failure = Some(symbolon_core::error::chain(error));
    }

    fn route_metrics(&self) -> &RouteMetrics {
        self.route.as_ref().map_or_else(|| self.metrics.unmatched(), |route| &route.metrics)
    }
}

/// However a request ends, a vanished downstream included, it is counted and logged.
impl Drop for Event {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        self.metrics.request_ended();
        self.route_metrics().record(
            self.status,
            self.rejection.as_ref().map(Rejection::code),
            took,
        );
        if self.logger.is_on() {
            self.logger.write(|out| line::write(self, took, out));
        }
    }
}
