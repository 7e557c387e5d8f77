//! Certificates of clients: who is let in, and which alert the others get (RFC 8446 section 6.2).

use std::io;
use std::sync::Arc;

use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, HandshakeKind};

use super::scene::{Files, Scene, listening};
use crate::harness::certificates::{Authority, Pair};
use crate::harness::http::Request;
use crate::harness::settings::{HOST, Settings};
use crate::harness::upstream::Upstream;

fn demanding(clients: &str) -> Settings {
    let pair = "{ cert_file: FILES/site.pem, key_file: FILES/site.key }";
    let mut settings = listening(&format!(
        "tls: {{ certificates: [{pair}], client_certificates: {{ {clients} }} }}"
    ));
    settings.sections = String::new();
    settings
}

/// What a request by this client comes to. In TLS 1.3 it learns only then that it is refused.
fn status(scene: &Scene, client: ClientConfig) -> io::Result<u16> {
    let mut connection = scene.connect_as(HOST, client)?;
    connection.try_exchange(&Request::get("/public/x")).map(|answer| answer.status)
}

#[track_caller]
fn is_refused(scene: &Scene, shown: Option<&Pair>, alert: &str) {
    let failed = status(scene, scene.files.authority.client(shown)).unwrap_err().to_string();
    assert!(failed.contains(alert), "{failed}");
}

struct Clients {
    authority: Authority,
    good: Pair,
    expired: Pair,
    revoked: Pair,
}

impl Clients {
    fn new(files: &Files) -> Self {
        let authority = Authority::new("authority of the clients");
        let (good, revoked) = (authority.issue(&["good"]), authority.issue(&["revoked"]));
        let expired = authority.issue_until(&["expired"], 2021);
        authority.write(&files.path("clients.pem"));
        authority.write_revoked(&[&revoked], &files.path("revoked.crl"));
        Self { authority, good, expired, revoked }
    }
}

#[test]
fn a_certificate_is_demanded_and_the_wrong_ones_are_refused() {
    let files = Files::new();
    let clients = Clients::new(&files);
    let settings = demanding("ca_file: FILES/clients.pem, crl_file: FILES/revoked.crl");
    let scene = files.start(settings, Upstream::plain());
    let foreign = Authority::new("authority of others").issue(&["good"]);
    assert_eq!(status(&scene, scene.files.authority.client(Some(&clients.good))).unwrap(), 200);
    is_refused(&scene, None, "CertificateRequired");
    is_refused(&scene, Some(&clients.expired), "CertificateExpired");
    is_refused(&scene, Some(&foreign), "UnknownCA");
    is_refused(&scene, Some(&clients.revoked), "CertificateRevoked");
    assert_eq!(scene.stage.api.hits(), 1);
    scene.wait_for_meter("symbolon_tls_handshakes_total{outcome=\"bad_certificate\"}", 3);
    scene.wait_for_meter("symbolon_tls_handshakes_total{outcome=\"no_certificate\"}", 1);
    scene.stage.symbolon.log().wait_for("why", |line| {
        (line.contains("client refused") && line.contains("Revoked")).then_some(())
    });
}

#[test]
fn where_none_is_demanded_a_wrong_one_is_refused_all_the_same() {
    let files = Files::new();
    let clients = Clients::new(&files);
    let scene =
        files.start(demanding("ca_file: FILES/clients.pem, required: false"), Upstream::plain());
    assert_eq!(status(&scene, scene.files.authority.client(None)).unwrap(), 200);
    assert_eq!(status(&scene, scene.files.authority.client(Some(&clients.good))).unwrap(), 200);
    is_refused(&scene, Some(&clients.expired), "CertificateExpired");
    is_refused(&scene, Some(&Authority::new("others").issue(&["x"])), "UnknownCA");
}

#[test]
fn who_is_revoked_cannot_come_back_on_an_old_session() {
    let files = Files::new();
    let clients = Clients::new(&files);
    let settings = demanding("ca_file: FILES/clients.pem, crl_file: FILES/revoked.crl");
    let scene = files.start(settings, Upstream::plain());
    for versions in [[&TLS12], [&TLS13]] {
        let provider = crate::harness::certificates::provider();
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .unwrap()
            .with_root_certificates(scene.files.authority.roots());
        let (chain, key) = clients.good.shown();
        let client = Arc::new(builder.with_client_auth_cert(chain, key).unwrap());
        for _ in 0..2 {
            let mut connection = scene.connect_with(HOST, &client, b"").unwrap();
            connection.exchange(&Request::get("/public/x")).expect(200);
            assert_eq!(connection.tls().handshake_kind(), Some(HandshakeKind::Full));
        }
    }
    // A new list holds at once.
    let file = scene.files.path("revoked.crl");
    clients.authority.write_revoked(&[&clients.revoked, &clients.good], &file);
    scene
        .stage
        .symbolon
        .log()
        .wait_for("the new list", |line| line.contains("certificates reloaded").then_some(()));
    is_refused(&scene, Some(&clients.good), "CertificateRevoked");
}
