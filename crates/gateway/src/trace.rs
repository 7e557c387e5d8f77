//! Distributed traces: which trace a request belongs to (W3C Trace Context), and the span that is
//! told to a collector (OTLP).
//!
//! 1. Without a collector in the configuration nothing here runs: `traceparent` passes through
//!    like any other header.
//! 2. A trace from outside is continued only where its sender is trusted, or where the
//!    configuration says so; otherwise a stranger could have every request recorded.
//! 3. A service sees our span as its parent, and `tracestate` only with the trace it belongs to.
//! 4. A request never waits for a collector: what does not fit its queue is dropped and counted.

mod exporter;
mod otlp;
mod parent;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};
use prometheus_client::metrics::counter::Counter;
use symbolon_core::Random;
use tokio::sync::mpsc;

use crate::config::Tracing;
use crate::fields::Fields;

pub use exporter::SpanExporter;
pub(crate) use otlp::Facts;
use parent::Parent;

/// Carries the trace and the span above (W3C Trace Context section 3.2).
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What tracing systems add to it (section 3.3).
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The most spans that wait for the exporter.
const QUEUE: usize = 4096;
/// The longest `tracestate` that is passed on, in bytes (section 3.3.1.5).
const MAX_STATE: usize = 512;

/// The place of one request in its trace.
#[derive(Clone, Debug)]
pub(crate) struct TraceContext {
    trace: u128,
    span: u64,
    parent: Option<u64>,
    is_sampled: bool,
    state: Option<HeaderValue>,
}

/// Gives each request its place, and takes the spans.
pub(crate) struct Tracer {
    /// Of 2^64 new traces so many are recorded.
    threshold: u64,
    continues_any: bool,
    random: Arc<dyn Random>,
    queue: mpsc::Sender<String>,
    dropped: Counter,
}

impl Tracer {
    /// A tracer, and what sends its spans to the collector.
    pub(crate) fn new(
        tracing: &Tracing,
        random: &Arc<dyn Random>,
        dropped: &Counter,
    ) -> (Arc<Self>, SpanExporter) {
        let (queue, spans) = mpsc::channel(QUEUE);
        let tracer = Self {
            threshold: tracing.sampling.threshold(),
            continues_any: tracing.continue_from_anyone,
            random: Arc::clone(random),
            queue,
            dropped: dropped.clone(),
        };
        (Arc::new(tracer), SpanExporter::new(tracing.clone(), spans, dropped.clone()))
    }

    /// The place of a request with these fields; `is_trusted` says whether its sender's word
    /// counts.
    pub(crate) fn begin(&self, fields: &Fields, is_trusted: bool) -> TraceContext {
        let chance: [u8; 24] = symbolon_core::random::bytes(&*self.random);
        let (trace, span) = chance.split_first_chunk().unwrap_or((&[0; 16], &[]));
        let span = span.first_chunk().map_or(1, |span| u64::from_be_bytes(*span).max(1));
        let above = (is_trusted || self.continues_any).then(|| Parent::of(fields)).flatten();
        let Some(Parent { trace, span: parent, is_sampled }) = above else {
            let trace = u128::from_be_bytes(*trace).max(1);
            let is_sampled = self.records(trace);
            return TraceContext { trace, span, parent: None, is_sampled, state: None };
        };
        let state = fields.get(TRACESTATE).filter(|state| state.len() <= MAX_STATE);
        let state = state.and_then(|state| HeaderValue::from_bytes(state).ok());
        TraceContext { trace, span, parent: Some(parent), is_sampled, state }
    }

    /// Hands a span to the exporter, if it is to be recorded.
    pub(crate) fn end(&self, context: &TraceContext, facts: &Facts<'_>) {
        if context.is_sampled && self.queue.try_send(otlp::span(context, facts)).is_err() {
            self.dropped.inc();
        }
    }

    fn records(&self, trace: u128) -> bool {
        self.threshold == u64::MAX || coin(trace) < self.threshold
    }
}

impl TraceContext {
    /// The `tracestate` that goes on.
    pub(crate) fn state(&self) -> Option<&HeaderValue> {
        self.state.as_ref()
    }

    /// What decides whether the trace is recorded, and whether its requests are written down.
    pub(crate) fn coin(&self) -> u64 {
        coin(self.trace)
    }

    /// The id of the trace, for the access log.
    pub(crate) fn trace_id(&self) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, "{:032x}", self.trace))
    }
}

/// The lower half of a trace's id is as random as a coin needs to be.
fn coin(trace: u128) -> u64 {
    u64::try_from(trace & u128::from(u64::MAX)).unwrap_or_default()
}

/// As `traceparent` says it: our span is the parent of what the service does.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.is_sampled);
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.trace, self.span)
    }
}
