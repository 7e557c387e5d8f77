//! TLS to services: whom we believe, and what the log says where we do not.

use std::sync::Arc;

use rustls::HandshakeKind;

use super::scene::Files;
use crate::harness::certificates::{Authority, Pair};
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::socket::Socket;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Peer, Upstream, answer};

fn answer_all(peer: &mut Peer) {
    while let Some(request) = peer.request() {
        peer.write(&answer::ok(std::str::from_utf8(&request.message.body).unwrap()));
    }
}

fn secured(pair: &Pair) -> Upstream {
    Upstream::secured(pair.server(), answer_all)
}

/// A stage on which `/s` leads over TLS to the port of `target`.
fn stage(files: &Files, target: &Upstream, tls: &str) -> Stage {
    stage_of(files, &[("s", target, tls)])
}

fn stage_of(files: &Files, services: &[(&str, &Upstream, &str)]) -> Stage {
    let service = |(name, target, tls): &(&str, &Upstream, &str)| {
        let port = target.address.port();
        let tls = tls.replace("FILES", files.folder().to_str().unwrap());
        format!("  {name}: {{ targets: [\"https://localhost:{port}\"], tls: {{ {tls} }} }}\n")
    };
    let route = |(name, ..): &(&str, &Upstream, &str)| {
        format!("  - {{ name: {name}, paths: [/{name}], service: {name}, authenticate: none }}\n")
    };
    let settings = Settings {
        services: services.iter().map(service).collect(),
        routes: services.iter().map(route).collect(),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

/// That a request is answered 502 and the access log says why.
#[track_caller]
fn is_refused(stage: &Stage, why: &str) {
    let answer = stage.exchange(&Request::get("/s/x")).expect(502);
    assert!(!answer.text().contains("certificate"), "{}", answer.text());
    stage.symbolon.access_log().wait_for(why, |line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let detail = line["detail"].as_str().unwrap_or_default();
        (detail.contains("TLS handshake failed") && detail.contains(why)).then_some(())
    });
}

#[test]
fn a_target_is_verified_and_its_connection_kept() {
    let files = Files::new();
    let target = secured(&files.authority.issue(&["localhost"]));
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem");
    let mut connection = stage.connect();
    for size in [0, 1, 100_000, 1_000_000] {
        let body = "x".repeat(size);
        let answer = connection.exchange(&Request::post("/s/x").body(body.as_bytes()));
        assert!(answer.expect(200).text() == body);
    }
    assert_eq!(target.connections(), 1);
}

#[test]
fn a_target_of_another_authority_is_502() {
    let files = Files::new();
    let target = secured(&Authority::new("somebody else").issue(&["localhost"]));
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem");
    is_refused(&stage, "UnknownIssuer");
    assert_eq!(target.hits(), 0);
}

#[test]
fn a_target_of_another_name_is_502() {
    let files = Files::new();
    let target = secured(&files.authority.issue(&["elsewhere.test"]));
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem");
    is_refused(&stage, "not valid for name \"localhost\"");
}

#[test]
fn a_target_whose_certificate_has_expired_is_502() {
    let files = Files::new();
    let target = secured(&files.authority.issue_until(&["localhost"], 2021));
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem");
    is_refused(&stage, "certificate expired");
}

#[test]
fn a_target_without_tls_is_502() {
    let files = Files::new();
    let target = Upstream::plain();
    let stage =
        stage(&files, &target, "ca_file: FILES/ca.pem, danger_accept_any_certificate: false");
    stage.exchange(&Request::get("/s/x")).expect(502);
}

#[test]
fn the_system_is_asked_where_no_authority_is_named() {
    let files = Files::new();
    let target = secured(&files.authority.issue(&["localhost"]));
    let stage = stage(&files, &target, "");
    is_refused(&stage, "UnknownIssuer");
}

#[test]
fn the_name_in_the_certificate_may_be_another() {
    let files = Files::new();
    let target = secured(&files.authority.issue(&["orders.internal"]));
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem, server_name: orders.internal");
    stage.exchange(&Request::get("/s/x")).expect(200);
}

#[test]
fn danger_believes_anybody() {
    let files = Files::new();
    let target = secured(&Authority::new("somebody else").issue_until(&["elsewhere.test"], 2021));
    let stage = stage(&files, &target, "danger_accept_any_certificate: true");
    stage.exchange(&Request::get("/s/x")).expect(200);
    stage
        .symbolon
        .log()
        .wait_for("the warning", |line| line.contains("targets are not verified").then_some(()));
}

#[test]
fn two_services_do_not_share_a_connection_that_only_one_has_verified() {
    let files = Files::new();
    let target = secured(&Authority::new("somebody else").issue(&["localhost"]));
    let trusting = ("trusting", &target, "danger_accept_any_certificate: true");
    let strict = ("strict", &target, "ca_file: FILES/ca.pem");
    let stage = stage_of(&files, &[trusting, strict]);
    // One connection, so that it is one worker.
    let mut connection = stage.connect();
    connection.exchange(&Request::get("/trusting/x")).expect(200);
    connection.exchange(&Request::get("/strict/x")).expect(502);
    assert_eq!(target.hits(), 1);
}

#[test]
fn a_target_that_asks_is_shown_our_certificate() {
    let files = Files::new();
    let gateways = Authority::new("authority of gateways");
    gateways.issue(&["gateway"]).write(files.folder(), "gateway");
    let server = files.authority.issue(&["localhost"]).server_for(&gateways);
    let target = Upstream::secured(server, answer_all);
    let shown = "client_cert_file: FILES/gateway.pem, client_key_file: FILES/gateway.key";
    let with = format!("ca_file: FILES/ca.pem, {shown}");
    let stage =
        stage_of(&files, &[("s", &target, &with), ("bare", &target, "ca_file: FILES/ca.pem")]);
    stage.exchange(&Request::get("/s/x")).expect(200);
    stage.exchange(&Request::get("/bare/x")).expect(502);
}

#[test]
fn sessions_with_targets_are_resumed() {
    let files = Files::new();
    let server = files.authority.issue(&["localhost"]).server();
    let target = Upstream::secured(server, |peer| {
        if let Some(request) = peer.request() {
            let Socket::Server(stream) = peer.socket() else { panic!("no TLS") };
            let is_resumed = stream.conn.handshake_kind() == Some(HandshakeKind::Resumed);
            let _ = request;
            let fields = [("Connection", "close")];
            peer.write(&answer::with(
                "200 OK",
                &fields,
                if is_resumed { "resumed" } else { "full" },
            ));
        }
    });
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem");
    let first = stage.exchange(&Request::get("/s/x")).expect(200);
    let second = stage.exchange(&Request::get("/s/x")).expect(200);
    assert_eq!((first.text(), second.text()), ("full", "resumed"));
}

#[test]
fn a_kept_connection_that_the_target_has_closed_is_not_used() {
    let files = Files::new();
    let server = Arc::clone(&files.authority.issue(&["localhost"]).server());
    let target = Upstream::secured(server, |peer| {
        if peer.request().is_some() {
            peer.write(&answer::ok("one"));
        }
    });
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem");
    let mut connection = stage.connect();
    for _ in 0..3 {
        // Not idempotent: nothing that is sent on a dead connection could be sent again.
        connection.exchange(&Request::post("/s/x").body(b"x")).expect(200);
        target.wait_until_left_alone();
    }
}

#[test]
fn another_authority_holds_once_its_file_has_changed() {
    let files = Files::new();
    let next = Authority::new("the next one");
    let target = secured(&next.issue(&["localhost"]));
    let stage = stage(&files, &target, "ca_file: FILES/ca.pem");
    is_refused(&stage, "UnknownIssuer");
    next.write(&files.path("ca.pem"));
    stage
        .symbolon
        .log()
        .wait_for("the reload", |line| line.contains("configuration reloaded").then_some(()));
    stage.exchange(&Request::get("/s/x")).expect(200);
}

#[test]
fn a_target_that_cannot_be_verified_is_passed_over() {
    let files = Files::new();
    let good = secured(&files.authority.issue(&["localhost"]));
    let bad = secured(&Authority::new("others").issue(&["localhost"]));
    let ports = [bad.address.port(), good.address.port()];
    let ca = files.path("ca.pem").display().to_string();
    let settings = Settings {
        services: format!(
            "  s: {{ targets: [\"https://localhost:{}\", \"https://localhost:{}\"], \
             tls: {{ ca_file: {ca} }} }}",
            ports[0], ports[1]
        ),
        routes: "  - { name: s, paths: [/s], service: s, authenticate: none }".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    for _ in 0..6 {
        stage.exchange(&Request::post("/s/x").body(b"once")).expect(200);
    }
    assert_eq!((bad.hits(), good.hits()), (0, 6));
}
