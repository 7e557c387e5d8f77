//! How the service is reached: away, silent, verified; and what does not load.

use tempfile::TempDir;

use super::{LISTS, get, sections, stage, yes};
use crate::harness::certificates::Authority;
use crate::harness::patience::now;
use crate::harness::settings::Settings;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::{Peer, Upstream};

#[test]
fn over_tls_the_service_is_verified() {
    let (ours, stranger) = (Authority::new("ours"), Authority::new("stranger"));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.pem");
    ours.write(&file);
    let script = |peer: &mut Peer| {
        while peer.request().is_some() {
            peer.write(&yes(&[]));
        }
    };
    let good = Upstream::secured(ours.issue(&["127.0.0.1"]).server(), script);
    let self_signed = Upstream::secured(stranger.issue(&["127.0.0.1"]).server(), script);
    let tls = format!("{LISTS}      tls: {{ ca_file: {} }}\n", file.display());
    for (server, further, status) in
        [(&good, &*tls, 200), (&self_signed, &tls, 503), (&good, LISTS, 503)]
    {
        let stage = stage(&format!("https://{}/", server.address), further);
        assert_eq!(get(&stage, "/guarded").status, status, "{further}");
    }
}

#[test]
fn lists_that_would_break_a_connection_or_a_promise_do_not_load() {
    let url = "https://guard.example/";
    let rows = [
        ("", ""),
        ("      upstream_headers: [x-a, content-length]\n", "`content-length` cannot stand here"),
        ("      upstream_headers: [authorization]\n", "`authorization` cannot stand here"),
        ("      upstream_headers: [symbolon-session]\n", "`symbolon-session` cannot stand here"),
        ("      upstream_headers: [x_a]\n", "`x_a` cannot stand here"),
        ("      upstream_headers: [\"a b\"]\n", "`a b` cannot stand here"),
        ("      client_headers: [transfer-encoding]\n", "`transfer-encoding` cannot stand here"),
        ("      request_headers: [host]\n", "`host` cannot stand here"),
        ("      principal: { roles: x-roles }\n", "`subject`"),
    ];
    for (further, message) in rows {
        let settings = Settings { sections: sections(url, further), ..Settings::default() };
        let nowhere = "127.0.0.1:1".parse().unwrap();
        let told = Symbolon::judge(&settings.yaml(nowhere, nowhere));
        match message {
            "" => assert_eq!(told, ""),
            message => assert!(told.contains(message), "{further}: {told}"),
        }
    }
    let insecure = sections("http://guard.example/", "");
    let settings = Settings { sections: insecure, ..Settings::default() };
    let nowhere = "127.0.0.1:1".parse().unwrap();
    assert!(Symbolon::judge(&settings.yaml(nowhere, nowhere)).contains("without encryption"));
}

#[test]
fn a_service_that_hangs_or_is_away_lets_nobody_in() {
    let hanging = Upstream::scripted(|peer| {
        peer.request();
        peer.wait_until_closed();
    });
    let scene = stage(&format!("http://{}/", hanging.address), "      timeout: 300ms\n");
    let before = now();
    get(&scene, "/guarded").expect(503);
    assert!(before.elapsed().as_secs() < 10, "{:?}", before.elapsed());
    get(&scene, "/public").expect(200);
    let gone = stage("http://127.0.0.1:1/", "");
    get(&gone, "/guarded").expect(503);
    assert_eq!(scene.api.hits() + gone.api.hits(), 1);
}
