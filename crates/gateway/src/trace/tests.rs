//! Which trace a request belongs to, tried.

use serde_json::Value;
use symbolon_core::Timestamp;

use super::*;
use crate::config::Sampling;

const ABOVE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn tracer(percent: &str, continue_from_anyone: bool) -> (Arc<Tracer>, SpanExporter) {
    let tracing = Tracing {
        authority: "127.0.0.1:4318".into(),
        path: "/v1/traces".into(),
        service_name: "symbolon".into(),
        sampling: percent.parse::<Sampling>().unwrap(),
        continue_from_anyone,
    };
    let random: Arc<dyn Random> = Arc::new(symbolon_core::OsRandom);
    Tracer::new(&tracing, &random, &Counter::default())
}

fn fields(traceparent: &[&'static str]) -> Fields {
    let parents = traceparent.iter().map(|value| ("traceparent", *value));
    parents.chain([("tracestate", "vendor=1")]).collect()
}

#[test]
fn a_trusted_trace_goes_on_with_our_span_in_it() {
    let (tracer, _exporter) = tracer("0%", false);
    let context = tracer.begin(&fields(&[ABOVE]), true);
    let says = context.to_string();
    assert!(says.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && says.ends_with("-01"));
    assert!(!says.contains("00f067aa0ba902b7"), "{says}");
    assert_eq!(context.parent, Some(0x00f0_67aa_0ba9_02b7));
    assert_eq!(context.state().unwrap(), "vendor=1");
}

#[test]
fn a_strangers_trace_is_not_continued_unless_asked_for() {
    let (strict, _exporter) = tracer("0%", false);
    let context = strict.begin(&fields(&[ABOVE]), false);
    assert_ne!(context.trace, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
    assert!(!context.is_sampled && context.parent.is_none() && context.state().is_none());
    let (open, _exporter) = tracer("0%", true);
    assert!(open.begin(&fields(&[ABOVE]), false).is_sampled);
}

#[test]
fn what_is_not_exactly_a_parent_begins_a_new_trace() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let broken = [
        format!("ff-{trace}-00f067aa0ba902b7-01"),
        format!("00-{trace}-00f067aa0ba902b7-01-more"),
        format!("00-{trace}-00f067aa0ba902b7-1"),
        format!("00-{trace}-00f067aa0ba902b7"),
        format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
        format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        format!("00-{trace}-{}-01", "0".repeat(16)),
        format!("00-{trace}-+0f067aa0ba902b7-01"),
        String::new(),
    ];
    for text in &broken {
        assert_eq!(Parent::parse(text), None, "{text}");
    }
    assert!(Parent::parse(&format!("01-{trace}-00f067aa0ba902b7-00-more")).is_some());
    assert_eq!(Parent::of(&fields(&[ABOVE, ABOVE])), None);
}

#[test]
fn so_many_new_traces_are_recorded_as_the_configuration_says() {
    for (percent, at_least, at_most) in [("0%", 0, 0), ("25%", 150, 350), ("100%", 1000, 1000)] {
        let (tracer, _exporter) = tracer(percent, false);
        let recorded =
            (0..1000).filter(|_| tracer.begin(&Fields::default(), false).is_sampled).count();
        assert!((at_least..=at_most).contains(&recorded), "{percent}: {recorded}");
    }
}

#[test]
fn a_span_says_what_became_of_the_request() {
    let (tracer, _exporter) = tracer("100%", false);
    let context = tracer.begin(&fields(&[ABOVE]), true);
    let facts = Facts {
        at: Timestamp::from_secs(1_780_000_000),
        took: std::time::Duration::from_micros(1500),
        request_id: "r-1",
        source: "192.0.2.7".to_owned(),
        method: Some("GET"),
        host: Some("shop.example"),
        path: Some("/orders/\"1\""),
        route: Some("orders"),
        service: Some("orders"),
        target: None,
        rule: None,
        status: Some(502),
        rejection: Some("bad_gateway"),
        failure: None,
    };
    let sent = otlp::export("front", &[otlp::span(&context, &facts)]);
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let span = &sent["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(span["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(span["name"], "GET orders");
    assert_eq!(span["startTimeUnixNano"], "1780000000000000000");
    assert_eq!(span["endTimeUnixNano"], "1780000000001500000");
    assert_eq!(span["status"]["code"], 2);
    let attributes = span["attributes"].as_array().unwrap();
    let value = |key: &str| {
        let found = attributes.iter().find(|attribute| attribute["key"] == key);
        found.map(|attribute| attribute["value"].clone())
    };
    assert_eq!(value("url.path").unwrap()["stringValue"], "/orders/\"1\"");
    assert_eq!(value("http.response.status_code").unwrap()["intValue"], "502");
    assert_eq!(value("error.type").unwrap()["stringValue"], "bad_gateway");
    assert_eq!(value("symbolon.target"), None);
}
