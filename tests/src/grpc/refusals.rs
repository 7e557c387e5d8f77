//! What the gateway itself refuses is told to a caller in gRPC's own words.

use std::net::TcpListener;

use super::peers::{Service, call, stage, stage_at};
use crate::harness::http2::{Client, Service as Http2Service};

#[test]
fn who_is_not_known_is_unauthenticated() {
    let service = Service::start();
    let stage = stage(&service, "[session, bearer]", "");
    let outcome = call(&stage, "unary", "Unary", &["x"]);
    assert_eq!(outcome.code(), "UNAUTHENTICATED");
    assert_eq!(outcome.details(), "You need to log in for this.");
    let outcome = call(&stage, "bidi", "Bidi", &["x", "30", "authorization=Bearer nobody"]);
    assert_eq!(outcome.code(), "UNAUTHENTICATED");
    assert_eq!(service.calls(), 0);
}

#[test]
fn who_lacks_a_role_is_denied_and_what_is_nowhere_is_unimplemented() {
    let service = Service::start();
    let stage = stage(&service, "none", "");
    let alice = stage.alice();
    let bearer = format!("Bearer {}", alice.token());
    let mut client = Client::to(stage.symbolon.address);
    let asking = [("content-type", "application/grpc+proto"), ("te", "trailers")];
    for (path, status) in [("/nowhere/X", "12"), ("/admin/X", "7"), ("/api/../X", "13")] {
        let fields = [&asking[..], &[("authorization", &bearer)]].concat();
        let answer = client.post(path, &fields, "\0\0\0\0\0").expect(200);
        assert_eq!(answer.header("grpc-status"), Some(status), "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/grpc"));
        assert!(answer.header("grpc-message").is_some() && answer.header("x-request-id").is_some());
        assert_eq!(answer.body(), "");
    }
    // The log has the reason all the same.
    stage.symbolon.access_log().wait_for("the rejection", |line| {
        line.contains("\"rejection\":\"forbidden\"").then_some(())
    });
    // Others read HTTP.
    for other in ["application/grpc-web", "application/json"] {
        client.post("/nowhere/X", &[("content-type", other)], "x").expect(404);
    }
}

#[test]
fn a_service_that_is_not_there_is_unavailable() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stage = stage_at(nobody, "none", "");
    assert_eq!(call(&stage, "unary", "Unary", &["x"]).code(), "UNAVAILABLE");
}

#[test]
fn the_callers_deadline_bounds_the_wait_for_an_answer() {
    // Not even the head of an answer, and a caller that does not watch its own clock.
    let service = Http2Service::start();
    let stage = stage_at(service.address, "none", "");
    let mut client = Client::to(stage.symbolon.address);
    let asking = [("content-type", "application/grpc"), ("te", "trailers")];
    let fields = [&asking[..], &[("grpc-timeout", "200m")]].concat();
    let answer = client.post("/test.Echo/never", &fields, "\0\0\0\0\0").expect(200);
    assert_eq!(answer.header("grpc-status"), Some("4"), "{answer:?}");
    let seen = service.wait_for(1, "request").remove(0);
    assert!(seen.to_string().contains("[\"grpc-timeout\",\"200m\"]"), "{seen}");
    service.wait_for(1, "reset");
}

#[test]
fn the_services_own_deadline_holds_where_the_caller_is_more_patient() {
    let service = Http2Service::start();
    let stage = stage_at(service.address, "none", ", timeouts: { response: 200ms }");
    let mut client = Client::to(stage.symbolon.address);
    let fields = [("content-type", "application/grpc"), ("grpc-timeout", "1H")];
    let answer = client.post("/test.Echo/never", &fields, "\0\0\0\0\0").expect(200);
    assert_eq!(answer.header("grpc-status"), Some("14"), "{answer:?}");
}
