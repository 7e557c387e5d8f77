//! How the server is reached: away, silent, talking nonsense, verified; and what does not load.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tempfile::TempDir;

use super::{answering, ask, good, json_answer, sections, stage};
use crate::harness::certificates::Authority;
use crate::harness::http::Request;
use crate::harness::patience::now;
use crate::harness::settings::Settings;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::{Peer, Upstream, answer};

#[test]
fn over_tls_the_server_is_verified() {
    let (ours, stranger) = (Authority::new("ours"), Authority::new("stranger"));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.pem");
    ours.write(&file);
    let script = |peer: &mut Peer| {
        while peer.request().is_some() {
            peer.write(&json_answer(&good(&json!({}))));
        }
    };
    let good = Upstream::secured(ours.issue(&["127.0.0.1"]).server(), script);
    let other_name = Upstream::secured(ours.issue(&["as.test"]).server(), script);
    let self_signed = Upstream::secured(stranger.issue(&["127.0.0.1"]).server(), script);
    let tls = format!("      tls: {{ ca_file: {} }}\n", file.display());
    let rows = [
        (&good, tls.clone(), 200),
        (&other_name, tls.clone(), 503),
        (&other_name, tls.replace(" }", ", server_name: as.test }"), 200),
        (&self_signed, tls.clone(), 503),
        (&good, String::new(), 503),
    ];
    for (server, further, status) in rows {
        let stage = stage(&format!("https://{}/", server.address), &further);
        assert_eq!(ask(&stage, "/mine", "t").status, status, "{further}");
    }
}

#[test]
fn what_is_not_safe_or_not_whole_does_not_load() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("as.secret"), "s").unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let usual = |url| sections(url, &folder, "");
    let good = usual("https://as.example/introspect");
    let rows = [
        (good.clone(), ""),
        (usual("http://as.example/introspect"), "without encryption"),
        (usual("ftp://as.example/"), "`https://HOST[:PORT]/PATH`"),
        (usual("https://user:pw@as.example/"), "`https://HOST[:PORT]/PATH`"),
        (good.replace("      audience: shop\n", ""), "`danger_any_audience: true`"),
        (good.replace("client_id: shop", "client_id:"), "one way to prove who we are"),
        (good.replace("as.secret", "empty"), "is empty"),
        (good.replace("as.secret", "gone"), "cannot be read"),
        (good.replace("issuer:", "isuer:"), "did you mean `issuer`"),
    ];
    for (sections, message) in rows {
        let settings = Settings { sections: sections.clone(), ..Settings::default() };
        let nowhere = "127.0.0.1:1".parse().unwrap();
        let told = Symbolon::judge(&settings.yaml(nowhere, nowhere));
        match message {
            "" => assert_eq!(told, ""),
            message => assert!(told.contains(message), "{sections}: {told}"),
        }
    }
}

#[test]
fn a_server_that_hangs_or_is_away_is_a_503_in_time_and_may_come_back() {
    let hanging = Upstream::scripted(|peer| {
        peer.request();
        peer.wait_until_closed();
    });
    let stage = stage(&format!("http://{}/", hanging.address), "      timeout: 300ms\n");
    let before = now();
    ask(&stage, "/mine", "t").expect(503);
    assert!(before.elapsed().as_secs() < 10, "{:?}", before.elapsed());
    // Nothing of that is remembered: the next one is asked.
    ask(&stage, "/mine", "t").expect(503);
    hanging.wait_for_hits(2);
    let fails_once = AtomicUsize::new(0);
    let server = Upstream::answering(move |_| {
        if fails_once.fetch_add(1, Ordering::SeqCst) == 0 {
            answer::with("503 Service Unavailable", &[], "")
        } else {
            json_answer(&good(&json!({})))
        }
    });
    let stage = super::stage(&format!("http://{}/", server.address), "");
    ask(&stage, "/mine", "t").expect(503);
    ask(&stage, "/mine", "t").expect(200);
}

#[test]
fn what_is_no_answer_is_a_503() {
    let yes = good(&json!({}));
    let twice = yes.replacen('{', "{\"active\":false,", 1);
    let huge = good(&json!({ "padding": "x".repeat(100_000) }));
    let kind = [("Content-Type", "application/json")];
    let rows = [
        ("500", answer::with("500 Internal Server Error", &kind, &yes)),
        ("401 of our own client", answer::with("401 Unauthorized", &kind, &yes)),
        ("204", answer::with("204 No Content", &kind, "")),
        ("302", answer::with("302 Found", &[("Location", "http://127.0.0.1:1/")], "")),
        ("201", answer::with("201 Created", &kind, &yes)),
        ("no type", answer::with("200 OK", &[], &yes)),
        ("text", answer::with("200 OK", &[("Content-Type", "text/html")], &yes)),
        (
            "jwt",
            answer::with(
                "200 OK",
                &[("Content-Type", "application/token-introspection+jwt")],
                &yes,
            ),
        ),
        ("no JSON", json_answer("yes")),
        ("a list", json_answer(&format!("[{yes}]"))),
        ("a member twice", json_answer(&twice)),
        ("huge", json_answer(&huge)),
        ("no HTTP", b"\x15\x03\x01".to_vec()),
    ];
    for (name, body) in rows {
        let (_server, stage) = answering(body, "");
        let told = ask(&stage, "/mine", "t");
        assert_eq!((told.status, stage.api.hits()), (503, 0), "{name}");
        stage.exchange(&Request::get("/public")).expect(200);
    }
}
