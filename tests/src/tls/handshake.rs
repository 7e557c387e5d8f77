//! What clients are shown, and what becomes of those who do not shake hands.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, HandshakeKind, SupportedProtocolVersion};

use super::scene::{Files, Scene, listening};
use crate::harness::certificates::{Authority, provider};
use crate::harness::http::{Connection, Request};
use crate::harness::settings::{HOST, Settings};
use crate::harness::socket::Socket;
use crate::harness::upstream::{Upstream, answer};

/// A client that speaks one version and shows nothing.
fn speaking(scene: &Scene, versions: [&'static SupportedProtocolVersion; 1]) -> ClientConfig {
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&versions)
        .unwrap()
        .with_root_certificates(scene.files.authority.roots())
        .with_no_client_auth()
}

#[test]
fn a_request_over_tls_reaches_its_service() {
    let scene = Scene::plain();
    for versions in [[&TLS12], [&TLS13]] {
        let mut connection = scene.connect_as(HOST, speaking(&scene, versions)).unwrap();
        for _ in 0..3 {
            connection.exchange(&Request::get("/public/x")).expect(200);
        }
        assert_eq!(connection.tls().protocol_version(), Some(versions[0].version));
    }
    let received = scene.stage.api.last_request();
    assert_eq!(received.headers().get("x-forwarded-proto"), Some("https"));
    assert_eq!(received.headers().get("x-forwarded-for"), Some("127.0.0.1"));
    scene.wait_for_meter("symbolon_tls_handshakes_total{outcome=\"succeeded\"}", 2);
}

#[test]
fn large_bodies_go_through_in_both_directions() {
    let api = Upstream::answering(|request| {
        answer::ok(std::str::from_utf8(&request.message.body).unwrap())
    });
    let scene = Scene::with("", api);
    let mut connection = scene.connect();
    for size in [1, 16_384, 1_000_000] {
        let body = "x".repeat(size);
        let answer = connection.exchange(&Request::post("/public/x").body(body.as_bytes()));
        assert!(answer.expect(200).text() == body, "{size} bytes");
    }
}

#[test]
fn the_certificate_is_chosen_by_name() {
    let files = Files::new();
    let (wild, exact) =
        (files.authority.issue(&["*.shop.test"]), files.authority.issue(&["pay.shop.test"]));
    wild.write(files.folder(), "wild");
    exact.write(files.folder(), "exact");
    let pair = |name| format!("{{ cert_file: FILES/{name}.pem, key_file: FILES/{name}.key }}");
    let tls =
        format!("tls: {{ certificates: [{}, {}, {}] }}", pair("site"), pair("wild"), pair("exact"));
    let scene = files.start(listening(&tls), Upstream::plain());
    let authority = &scene.files.authority;
    for (name, expected) in [
        (HOST, &scene.files.site),
        ("x.shop.test", &wild),
        ("pay.shop.test", &exact),
        ("PAY.shop.test", &exact),
    ] {
        let connection = scene.connect_as(name, authority.client(None)).unwrap();
        assert_eq!(
            connection.tls().peer_certificates().unwrap()[0],
            expected.certificate,
            "{name}"
        );
    }
    // Without a name, or with an unknown one, it is the first, and the client's to judge.
    let mut nameless = authority.client(None);
    nameless.enable_sni = false;
    let connection = scene.connect_as(HOST, nameless).unwrap();
    assert_eq!(connection.tls().peer_certificates().unwrap()[0], scene.files.site.certificate);
    let failed = scene.connect_as("elsewhere.example", authority.client(None)).err().unwrap();
    assert!(failed.to_string().contains("only valid for DnsName(\"shop.test\")"), "{failed}");
}

#[test]
fn http_1_is_what_is_agreed_on() {
    let scene = Scene::plain();
    let offering = |protocols: &[&str]| {
        let mut client = scene.files.authority.client(None);
        client.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        client
    };
    let connection = scene.connect_as(HOST, offering(&["http/1.1"])).unwrap();
    assert_eq!(connection.tls().alpn_protocol(), Some(&b"http/1.1"[..]));
    // RFC 7301 section 3.2.
    let failed = scene.connect_as(HOST, offering(&["spdy/1"])).err().unwrap();
    assert!(failed.to_string().contains("NoApplicationProtocol"), "{failed}");
}

#[test]
fn sessions_are_resumed() {
    let scene = Scene::plain();
    for versions in [[&TLS12], [&TLS13]] {
        let client = Arc::new(speaking(&scene, versions));
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let mut connection = scene.connect_with(HOST, &client, b"").unwrap();
            connection.exchange(&Request::get("/public/x")).expect(200);
            assert_eq!(connection.tls().handshake_kind(), Some(kind));
        }
    }
}

#[test]
fn who_does_not_shake_hands_is_let_go_and_holds_up_nobody() {
    let mut settings = listening("");
    settings.sections =
        "workers: 1\nlimits: { handshake_timeout: 3s, head_timeout: 1h }".to_owned();
    let scene = Files::new().start(settings, Upstream::plain());
    let mut silent: Vec<_> = (0..5).map(|_| Connection::to(scene.stage.symbolon.address)).collect();
    let mut slow = Connection::to(scene.stage.symbolon.address);
    slow.send(b"\x16\x03\x01\x02\x00");
    scene.connect().exchange(&Request::get("/public/x")).expect(200);
    for connection in silent.iter_mut().chain([&mut slow]) {
        assert!(connection.rest().is_empty());
    }
    scene.wait_for_meter("symbolon_tls_handshakes_total{outcome=\"timed_out\"}", 6);
}

#[test]
fn a_handshake_counts_against_the_limit_of_connections() {
    let mut settings = listening("");
    settings.sections = "workers: 1\nlimits: { connections: 1 }".to_owned();
    let scene = Files::new().start(settings, Upstream::plain());
    let silent = Connection::to(scene.stage.symbolon.address);
    scene.wait_for_meter("symbolon_connections", 1);
    let is_free = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (connected, is_connected) = std::sync::mpsc::channel();
        let (scene, is_free) = (&scene, &is_free);
        scope.spawn(move || {
            let stream = TcpStream::connect(scene.stage.symbolon.address).unwrap();
            connected.send(()).unwrap();
            let client = Arc::new(scene.files.authority.client(None));
            let mut connection = Connection::over(Socket::client(stream, HOST, client).unwrap());
            assert!(is_free.load(Ordering::SeqCst), "there was no place for it");
            connection.exchange(&Request::get("/public/x")).expect(200);
        });
        is_connected.recv().unwrap();
        // Time enough for a handshake, were it not for the limit.
        for _ in 0..20 {
            scene.wait_for_meter("symbolon_connections", 1);
        }
        is_free.store(true, Ordering::SeqCst);
        drop(silent);
    });
}

#[test]
fn a_request_in_the_clear_is_not_answered() {
    let scene = Scene::plain();
    let mut connection = Connection::to(scene.stage.symbolon.address);
    connection.send(&Request::get("/public/x").to_bytes());
    let rest = connection.rest();
    // An alert at most (RFC 8446 section 6).
    assert!(rest.is_empty() || rest[0] == 21, "{rest:?}");
    assert_eq!(scene.stage.api.hits(), 0);
    scene.wait_for_meter("symbolon_tls_handshakes_total{outcome=\"malformed\"}", 1);
}

#[test]
fn a_client_that_does_not_believe_us_is_counted() {
    let scene = Scene::plain();
    let stranger = Authority::new("somebody else");
    assert!(scene.connect_as(HOST, stranger.client(None)).is_err());
    scene.wait_for_meter("symbolon_tls_handshakes_total{outcome=\"refused_by_client\"}", 1);
}

#[test]
fn a_certificate_that_has_expired_is_told_of_at_start() {
    let files = Files::new();
    files.authority.issue_until(&[HOST], 2021).write(files.folder(), "site");
    let settings = Settings { ..listening("") };
    let scene = files.start(settings, Upstream::plain());
    scene.stage.symbolon.log().wait_for("the warning", |line| {
        (line.contains("certificate has expired") && line.contains("2021-01-01")).then_some(())
    });
}
