//! Certificates that change while they are in use.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::scene::Scene;
use crate::harness::http::Request;
use crate::harness::patience::Over;
use crate::harness::settings::HOST;

/// How many times the certificate is swapped under load.
const SWAPS: usize = 4;

#[test]
fn no_handshake_fails_while_certificates_are_swapped() {
    let scene = Scene::plain();
    let mut old = scene.connect();
    old.exchange(&Request::get("/public/x")).expect(200);
    let (is_over, shaken) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut newest = scene.files.site.certificate.clone();
    std::thread::scope(|scope| {
        let _over = Over(&is_over);
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let mut connection = scene.connect();
                    connection.exchange(&Request::get("/public/x")).expect(200);
                    shaken.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for swap in 0..SWAPS {
            let new = scene.files.authority.issue(&[HOST]);
            new.write(scene.files.folder(), "site");
            newest = new.certificate;
            if swap % 2 == 1 {
                scene.stage.symbolon.program().signal("HUP");
            }
            let log = scene.stage.symbolon.log();
            crate::harness::patience::eventually("the new certificate", || {
                let connection = scene.connect();
                (connection.tls().peer_certificates().unwrap()[0] == newest).then_some(())
            });
            assert!(log.all().iter().any(|line| line.contains("certificates reloaded")));
        }
    });
    assert!(shaken.into_inner() > SWAPS);
    // Of all that were swapped in, the newest is told: it is valid until 2100.
    let file = scene.files.path("site.pem");
    let meter =
        format!("symbolon_certificate_not_after_seconds{{cert_file=\"{}\"}}", file.display());
    scene.wait_for_meter(&meter, 4_102_444_800);
    // The connection from before has not noticed.
    old.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn a_broken_file_changes_nothing_and_is_told_of() {
    let scene = Scene::plain();
    let log = scene.stage.symbolon.log();
    let whole = fs::read(scene.files.path("site.pem")).unwrap();
    fs::write(scene.files.path("site.pem"), &whole[..whole.len() / 2]).unwrap();
    log.wait_for("the refusal", |line| {
        let is_it = line.contains("certificates not reloaded") && line.contains("site.pem");
        (is_it && line.contains("ERROR")).then_some(())
    });
    scene.connect().exchange(&Request::get("/public/x")).expect(200);
    // A key that belongs to another certificate is as bad.
    fs::write(scene.files.path("site.pem"), whole).unwrap();
    let other = scene.files.authority.issue(&[HOST]);
    other.write(scene.files.folder(), "other");
    fs::rename(scene.files.path("other.key"), scene.files.path("site.key")).unwrap();
    log.wait_for("the refusal", |line| {
        (line.contains("certificates not reloaded") && line.contains("is not that of"))
            .then_some(())
    });
    let connection = scene.connect();
    assert_eq!(connection.tls().peer_certificates().unwrap()[0], scene.files.site.certificate);
    scene.wait_for_meter("symbolon_certificate_reloads_total{outcome=\"refused\"}", 2);
    // Put right, it is taken over.
    fs::rename(scene.files.path("other.pem"), scene.files.path("site.pem")).unwrap();
    log.wait_for("the new certificate", |line| {
        line.contains("certificates reloaded").then_some(())
    });
    let connection = scene.connect();
    assert_eq!(connection.tls().peer_certificates().unwrap()[0], other.certificate);
}

#[test]
fn a_configuration_that_was_refused_for_a_certificate_is_taken_over_with_it() {
    let scene = Scene::plain();
    let symbolon = &scene.stage.symbolon;
    let whole = fs::read(scene.files.path("site.pem")).unwrap();
    fs::write(scene.files.path("site.pem"), b"broken").unwrap();
    let route = "  - { name: more, paths: [/more], service: api, authenticate: none }\n";
    let yaml = fs::read_to_string(symbolon.config()).unwrap() + route;
    symbolon.write_config(&yaml);
    symbolon
        .log()
        .wait_for("the refusal", |line| line.contains("configuration not reloaded").then_some(()));
    scene.connect().exchange(&Request::get("/more/x")).expect(404);
    fs::write(scene.files.path("site.pem"), whole).unwrap();
    symbolon
        .log()
        .wait_for("the reload", |line| line.contains("configuration reloaded").then_some(()));
    scene.connect().exchange(&Request::get("/more/x")).expect(200);
}
