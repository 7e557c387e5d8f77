//! Traces: what a service is told of them, and what a collector gets.

use serde_json::Value;

use crate::harness::http::{Request, exchange};
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const ABOVE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A gateway that tells the collector everything.
fn traced_by(collector: &Upstream, more: &str) -> Stage {
    let traces = format!("{{ otlp_endpoint: http://{}, sampling: 100% }}", collector.address);
    let sections = format!("telemetry: {{ traces: {traces} }}\n{more}");
    Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain())
}

/// The span of the request for this path, once the collector has it.
fn span_for(collector: &Upstream, path: &str) -> Value {
    eventually("a span", || {
        let requests = collector.requests();
        let batches = requests.iter().map(|request| {
            assert_eq!(request.message.start, "POST /v1/traces HTTP/1.1");
            assert_eq!(request.headers().get("content-type"), Some("application/json"));
            serde_json::from_str::<Value>(request.message.text()).unwrap()
        });
        let spans = batches.flat_map(|batch| {
            let resource = &batch["resourceSpans"][0];
            let name = &resource["resource"]["attributes"][0];
            assert_eq!(name["key"], "service.name");
            assert_eq!(name["value"]["stringValue"], "symbolon");
            resource["scopeSpans"][0]["spans"].as_array().unwrap().clone()
        });
        spans.into_iter().find(|span| attribute(span, "url.path")["stringValue"] == path)
    })
}

fn attribute(span: &Value, key: &str) -> Value {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == key);
    found.map(|attribute| attribute["value"].clone()).unwrap_or_default()
}

#[test]
fn a_request_has_a_span_that_its_service_knows_as_parent() {
    let collector = Upstream::plain();
    let stage = traced_by(&collector, "");
    let mut alice = stage.alice();
    let request = Request::get("/api/mine").with("traceparent", ABOVE).with("tracestate", "a=1");
    alice.send(request).expect(200);
    let received = stage.api.only_request();
    let traceparent = received.headers().get("traceparent").unwrap().to_owned();
    // A stranger's trace does not go on.
    assert!(!traceparent.contains("4bf92f3577b34da6a3ce929d0e0e4736"), "{traceparent}");
    assert_eq!(received.headers().get("tracestate"), None);
    let span = span_for(&collector, "/api/mine");
    let says = format!("00-{}-{}-01", span["traceId"], span["spanId"]).replace('"', "");
    assert_eq!(traceparent, says);
    assert_eq!(span["name"], "GET api");
    assert_eq!(span["parentSpanId"], Value::Null);
    assert_eq!(attribute(&span, "http.response.status_code")["intValue"], "200");
    assert!(!span.to_string().contains("eyJ") && !span.to_string().contains("syms_"), "{span}");
    let line = stage.symbolon.access_log().wait_for("/api/mine", |line| {
        line.contains("/api/mine").then(|| serde_json::from_str::<Value>(line).unwrap())
    });
    assert_eq!(line["trace_id"], span["traceId"]);
}

#[test]
fn the_trace_of_a_trusted_proxy_goes_on_and_a_refusal_has_its_reason() {
    let collector = Upstream::plain();
    let stage = traced_by(&collector, "trusted_proxies: [127.0.0.1]");
    let request = |target| Request::get(target).with("traceparent", ABOVE);
    stage.exchange(&request("/public/x").with("tracestate", "a=1")).expect(200);
    stage.exchange(&request("/api/refused")).expect(401);
    let received = stage.api.only_request();
    let traceparent = received.headers().get("traceparent").unwrap().to_owned();
    assert!(traceparent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{traceparent}");
    assert!(!traceparent.contains("00f067aa0ba902b7"), "{traceparent}");
    assert_eq!(received.headers().get("tracestate"), Some("a=1"));
    assert_eq!(span_for(&collector, "/public/x")["parentSpanId"], "00f067aa0ba902b7");
    let refused = span_for(&collector, "/api/refused");
    assert_eq!(attribute(&refused, "error.type")["stringValue"], "no_credentials");
    assert_eq!(refused["status"], Value::Null, "a client's fault is no error of ours");
}

#[test]
fn without_a_collector_the_header_passes_through() {
    let stage = Stage::plain();
    stage.exchange(&Request::get("/public/x").with("traceparent", ABOVE)).expect(200);
    assert_eq!(stage.api.only_request().headers().get("traceparent"), Some(ABOVE));
}

#[test]
fn a_collector_that_refuses_costs_spans_and_no_requests() {
    let collector = Upstream::answering(|_| {
        crate::harness::upstream::answer::with("400 Bad Request", &[], "{}")
    });
    let stage = traced_by(&collector, "");
    stage.exchange(&Request::get("/public/x")).expect(200);
    let host = stage.symbolon.admin.to_string();
    let metrics = Request::get("/metrics").with("Host", &host);
    eventually("the lost span is counted", || {
        let text = exchange(stage.symbolon.admin, &metrics).text().to_owned();
        text.contains("symbolon_trace_spans_dropped_total 1\n").then_some(())
    });
    stage.exchange(&Request::get("/public/x")).expect(200);
}
