//! Spans in the JSON form of OTLP (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding": ids in
//! hexadecimal, 64-bit numbers as text), with the names of the HTTP semantic conventions.

use std::time::Duration;

use serde_json::{Value, json};
use symbolon_core::Timestamp;

use super::TraceContext;

/// `SPAN_KIND_SERVER`.
const SERVER: u8 = 2;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// What a span says of its request.
pub(crate) struct Facts<'a> {
    pub(crate) at: Timestamp,
    pub(crate) took: Duration,
    pub(crate) request_id: &'a str,
    pub(crate) source: String,
    pub(crate) method: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
    pub(crate) route: Option<&'a str>,
    pub(crate) service: Option<&'a str>,
    pub(crate) target: Option<&'a str>,
    pub(crate) rule: Option<&'a str>,
    pub(crate) status: Option<u16>,
    pub(crate) rejection: Option<&'a str>,
    pub(crate) failure: Option<&'a str>,
}

/// One span as JSON.
pub(super) fn span(context: &TraceContext, facts: &Facts<'_>) -> String {
    let start = facts.at.as_micros().saturating_mul(1000);
    let took = i64::try_from(facts.took.as_nanos()).unwrap_or(i64::MAX);
    let mut span = json!({
        "traceId": format!("{:032x}", context.trace),
        "spanId": format!("{:016x}", context.span),
        "name": name(facts),
        "kind": SERVER,
        "startTimeUnixNano": start.to_string(),
        "endTimeUnixNano": start.saturating_add(took).to_string(),
        "attributes": attributes(facts),
    });
    let parent = context.parent.map(|parent| format!("{parent:016x}"));
    // The server's own faults are errors, the client's are not (semantic conventions, "Status").
    let is_error = facts.failure.is_some() || facts.status.is_none_or(|status| status >= 500);
    let state = context.state().and_then(|state| state.to_str().ok());
    for (key, value) in [
        ("parentSpanId", parent.map(Value::from)),
        ("traceState", state.map(Value::from)),
        ("status", is_error.then(|| json!({"code": ERROR}))),
    ] {
        if let (Some(value), Some(span)) = (value, span.as_object_mut()) {
            span.insert(key.to_owned(), value);
        }
    }
    span.to_string()
}

/// A whole request to the collector.
pub(super) fn export(service_name: &str, spans: &[String]) -> String {
    let resource = json!({"attributes": [text("service.name", service_name)]});
    let scope = json!({"name": "symbolon", "version": env!("CARGO_PKG_VERSION")});
    let spans = spans.join(",");
    format!(
        "{{\"resourceSpans\":[{{\"resource\":{resource},\"scopeSpans\":[{{\"scope\":{scope},\
         \"spans\":[{spans}]}}]}}]}}"
    )
}

/// Few different names: the route, not the path.
fn name(facts: &Facts<'_>) -> String {
    let method = facts.method.unwrap_or("HTTP");
    facts.route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
}

fn attributes(facts: &Facts<'_>) -> Vec<Value> {
    let texts = [
        ("http.request.method", facts.method),
        ("url.path", facts.path),
        ("server.address", facts.host),
        ("client.address", Some(&*facts.source)),
        ("http.route", facts.route),
        ("symbolon.service", facts.service),
        ("symbolon.target", facts.target),
        ("symbolon.decision.rule", facts.rule),
        ("symbolon.request_id", Some(facts.request_id)),
        ("error.type", facts.rejection.or(facts.failure)),
    ];
    let texts = texts.into_iter().filter_map(|(key, value)| Some(text(key, value?)));
    let status = facts.status.map(|status| {
        json!({"key": "http.response.status_code", "value": {"intValue": status.to_string()}})
    });
    texts.chain(status).collect()
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}
