//! `mtls`: certificates that a trusted proxy hands on (RFC 9440).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::table::Then::{Failed, Missing, Served};
use super::table::{add_client, check};
use crate::harness::certificates::Authority;
use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const CHALLENGE: &[&str] = &["ClientCertificate realm=\"symbolon\""];

#[test]
fn a_trusted_proxy_hands_certificates_on() {
    let settings = Settings {
        sections: "trusted_proxies: [127.0.0.0/8]
authenticators:
  handed: { mtls: { from: client_cert_header } }"
            .to_owned(),
        routes: "
  - { name: handed, paths: [/handed], service: api, authenticate: [handed] }"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    add_client(&stage.symbolon, "reporting");
    let words = ["client", "credential", "add", "reporting", "mtls", "--san", "reporting.internal"];
    stage.symbolon.run(&words);
    let issue = |name: &str| {
        let pair = Authority::new("clients").issue(&[name]);
        STANDARD.encode(&pair.certificate)
    };
    let (good, other) = (issue("reporting.internal"), issue("other.internal"));
    let handed = |value: &str| Request::get("/handed").with("Client-Cert", value);
    let malformed = Failed("handed", "malformed");
    check(
        &stage,
        CHALLENGE,
        &[
            ("a client's", handed(&format!(":{good}:")), Served),
            ("nobody's", handed(&format!(":{other}:")), Failed("handed", "unknown")),
            ("none", Request::get("/handed"), Missing),
            ("without colons", handed(&good), malformed),
            ("no base64", handed(":!!!:"), malformed),
            ("no certificate", handed(":AAAA:"), malformed),
            ("nothing", handed("::"), malformed),
            ("half of one", handed(&format!(":{}:", &good[..good.len() / 8 * 4])), malformed),
            (
                "two",
                handed(&format!(":{good}:")).with("Client-Cert", &format!(":{other}:")),
                malformed,
            ),
        ],
    );
    stage.exchange(&handed(&format!(":{good}:"))).expect(200);
    let seen = stage.api.last_request();
    assert_eq!(seen.claims()["client_id"], json!("reporting"));
    assert!(!seen.headers().has("client-cert"));
}
