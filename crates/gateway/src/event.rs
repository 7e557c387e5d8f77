//! The access event: one for every request, whatever happened to it, written when it is dropped.
//!
//! It holds what is public: names, ids, codes, sizes and times. The query is left out, since
//! people put secrets there; credentials never come near it.

pub(crate) mod line;
mod observed;
mod template;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use symbolon_core::Timestamp;
use symbolon_core::policy::{Hierarchy, Rule};
use tokio::time::Instant;

use crate::access_log::{AccessLogger, Outcome};
use crate::bound_route::BoundRoute;
use crate::config::Targets;
use crate::config::access_log::Format;
use crate::fields::Fields;
use crate::limit::{Quota, Slot};
use crate::metrics::{Metrics, RouteMetrics};
use crate::progress::Progress;
use crate::rejection::{Reason, Rejection};
use crate::server_timing::{ServerTiming, Stages};
use crate::source_address::SourceAddress;
use crate::stage::{Admitted, Clean, Identified, Identity, Permitted};
use crate::trace::{Facts, TraceContext, Tracer};

pub use template::{Field, Template, TemplateError};

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
    rule: Option<Rule>,
    is_preflight: bool,
    /// Where the caller stands with the limits that were asked so far.
    quotas: Vec<Quota>,
    /// Its place among the requests under way, kept until everything is over.
    slot: Option<Arc<Slot>>,
    status: Option<StatusCode>,
    rejection: Option<Rejection>,
    failure: Option<String>,
    concealed: bool,
    bytes_sent: u64,
    /// How long its stages take, where somebody may be told.
    stages: Option<Box<Stages>>,
    trace: Option<Traced>,
    logger: AccessLogger,
    metrics: Arc<Metrics>,
}

/// A request's place in its trace, and who takes its span.
struct Traced {
    context: TraceContext,
    tracer: Arc<Tracer>,
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
            is_preflight: false,
            quotas: Vec::new(),
            slot: None,
            status: None,
            rejection: None,
            failure: None,
            concealed: false,
            bytes_sent: 0,
            stages: None,
            trace: None,
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

    /// Finds the request's place in its trace.
    pub(crate) fn traced(&mut self, tracer: &Arc<Tracer>, fields: &Fields, is_trusted: bool) {
        let context = tracer.begin(fields, is_trusted);
        self.trace = Some(Traced { context, tracer: Arc::clone(tracer) });
    }

    /// That place, where traces are kept.
    pub(crate) fn trace(&self) -> Option<&TraceContext> {
        self.trace.as_ref().map(|traced| &traced.context)
    }

    /// Measures its stages from now on.
    pub(crate) fn measured(&mut self) {
        self.stages = Some(Box::default());
    }

    /// The rule that let the request in.
    fn let_in(&self) -> Option<&Rule> {
        let refused_by = self.rejection.as_ref().and_then(|rejection| rejection.rule.as_ref());
        self.rule.as_ref().filter(|_| refused_by.is_none())
    }

    /// Tells who may know how long the stages took, if the request was let in.
    pub(crate) fn tell_stages(
        &self,
        timing: &ServerTiming,
        hierarchy: &Hierarchy,
        headers: &mut HeaderMap,
    ) {
        let (Some(stages), Some((clean, bound)), Some(_)) =
            (&self.stages, self.routed(), self.let_in())
        else {
            return;
        };
        let is_ours = matches!(bound.service.service.targets, Targets::InProcess);
        if !is_ours && timing.tells(&self.identity, hierarchy, clean.source()) {
            stages.tell(self.started.elapsed(), headers);
        }
    }

    /// Whether it is a preflight that is answered here, and none that a service answers.
    pub(crate) fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// The request and its route, as far as they are known.
    pub(crate) fn routed(&self) -> Option<(&Clean, &BoundRoute)> {
        Some((self.clean.as_ref()?, self.route.as_ref()?))
    }

    /// Where the caller stands with the limits that were asked.
    pub(crate) fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// The service is asked from now on.
    pub(crate) fn asks(&mut self) {
        if let Some(stages) = &mut self.stages {
            stages.asked = self.started.elapsed();
        }
    }

    /// The head of its answer is there, or there will be none.
    pub(crate) fn is_answered(&mut self) {
        if let Some(stages) = &mut self.stages {
            stages.upstream = Some(self.started.elapsed().saturating_sub(stages.asked));
        }
    }

    /// Notes who is asked now; asked is counted each time.
    pub(crate) fn set_target(&mut self, target: &Arc<str>) {
        self.target = Arc::clone(target);
        self.tries += 1;
    }

    pub(crate) fn rejected(&mut self, rejection: Rejection) {
        if let Reason::RateLimited(quotas) | Reason::Crowded(quotas) = &rejection.reason {
            self.quotas.extend_from_slice(quotas);
        }
        if let Some(rule) = &rejection.rule {
            self.rule = Some(rule.clone());
        }
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

    /// The service put the internal token into its answer.
    pub(crate) fn concealed(&mut self) {
        self.concealed = true;
    }

    fn facts(&self, took: Duration) -> Facts<'_> {
        let (clean, route) = (self.clean.as_deref(), self.route.as_deref());
        Facts {
            at: self.at,
            took,
            request_id: &self.request_id,
            source: clean.map_or_else(
                || SourceAddress::new(self.peer.to_canonical()).as_str().to_owned(),
                |clean| clean.source().as_str().to_owned(),
            ),
            method: clean.map(|clean| clean.method().as_str()),
            host: clean.map(Clean::host),
            path: clean.map(Clean::path),
            route: route.map(|bound| &*bound.route.name),
            service: route.map(|bound| &*bound.service.service.name),
            target: Some(&*self.target).filter(|target| !target.is_empty()),
            rule: self.rule.as_ref().map(Rule::as_str),
            status: self.status.map(|status| status.as_u16()),
            rejection: self.rejection.as_ref().map(Rejection::code),
            failure: self.failure.as_deref(),
        }
    }

    fn route_metrics(&self) -> &RouteMetrics {
        self.route.as_ref().map_or_else(|| self.metrics.unmatched(), |route| route.metrics())
    }
}

impl Progress for Event {
    fn cleaned(&mut self, clean: &Arc<Clean>) {
        self.clean = Some(Arc::clone(clean));
    }

    fn matched(&mut self, route: &Arc<BoundRoute>) {
        self.route = Some(Arc::clone(route));
    }

    fn admitted(&mut self, admitted: &Admitted) {
        self.quotas.extend_from_slice(admitted.quotas());
        if let Some(stages) = &mut self.stages {
            stages.admitted = self.started.elapsed();
        }
        self.is_preflight = admitted.matched().is_preflight();
    }

    fn identified(&mut self, identified: &Identified) {
        self.identity = identified.identity().clone();
    }

    fn permitted(&mut self, permitted: &Permitted) {
        self.rule = Some(permitted.rule().clone());
        if let Some(stages) = &mut self.stages {
            stages.auth = Some(self.started.elapsed().saturating_sub(stages.admitted));
        }
        self.quotas.extend_from_slice(permitted.quotas());
        self.slot = permitted.slot().cloned();
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
        if let Some(Traced { context, tracer }) = &self.trace {
            tracer.end(context, &self.facts(took));
        }
        observed::tell(self);
        let outcome = || Outcome {
            status: self.status,
            is_broken: self.failure.is_some() || self.concealed,
            coin: self.trace().map(TraceContext::coin),
        };
        self.logger.write(self.at, outcome, |format, out| match format {
            Format::Json => line::write(self, took, out),
            Format::Template(template) => template.write(self, took, out),
        });
    }
}
