//! Beside `bearer` and `jwt`, in either order: each takes what is its own, and what nobody else
//! takes is a failure with a name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tempfile::TempDir;

use super::{Scene, ask, good, json_answer, sections, token_of};
use crate::harness::http::Response;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const ROUTES: &str = "
  - { name: first, paths: [/first], service: api, authenticate: [partner, bearer] }
  - { name: last, paths: [/last], service: api, authenticate: [bearer, partner] }
  - { name: alone, paths: [/alone], service: api, authenticate: [bearer] }
  - { name: signed, paths: [/signed], service: api, authenticate: [bearer, jwt] }
  - { name: three, paths: [/three], service: api, authenticate: [bearer, jwt, partner] }
  - name: nested
    paths: [/nested]
    service: api
    authenticate: { any: [bearer, { all: [partner, api_key] }] }
  - name: welcome
    paths: [/welcome]
    service: api
    authenticate: { any: [bearer, partner], optional: true }
  - name: partners
    paths: [/partners]
    service: api
    authenticate: { any: [partner], optional: true }
";

/// A gateway and a server that knows one good token, `t`.
fn scene() -> (Upstream, Scene) {
    let server = Upstream::answering(|request| {
        let is_good = token_of(request) == "t";
        json_answer(&if is_good { good(&json!({})) } else { "{\"active\":false}".to_owned() })
    });
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("as.secret"), "s").unwrap();
    let settings = Settings {
        sections: sections(&format!("http://{}/", server.address), &folder, ""),
        routes: ROUTES.to_owned(),
        ..Settings::default()
    };
    (server, Scene { stage: Stage::set(&settings, Upstream::plain()), _folder: folder })
}

/// It is refused in the name of this authenticator, for this reason, and the service sees nothing.
#[track_caller]
fn refused(stage: &Stage, told: Response, by: &str, reason: &str) {
    let told = told.expect(401);
    let challenges: Vec<&str> = told.headers().all("www-authenticate").collect();
    let is_told = challenges.iter().any(|one| one.contains("error=\"invalid_token\""));
    assert!(is_told, "{challenges:?}");
    let body = told.json();
    assert_eq!((&body["code"], &body["authenticator"]), (&json!("bad_credentials"), &json!(by)));
    assert_eq!(body["reason"], reason, "{body}");
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn a_token_of_somebody_else_passes_in_either_order() {
    let (server, stage) = scene();
    for path in ["/first", "/last", "/three", "/welcome"] {
        ask(&stage, path, "t").expect(200);
        let request = stage.api.last_request();
        assert_eq!(request.claims()["sub"], "partner:Alice|7", "{path}");
        assert!(!format!("{request:?}").contains("Bearer t"), "{path}");
    }
    assert_eq!(server.hits(), 1);
}

#[test]
fn a_token_of_ours_passes_in_either_order_and_is_shown_to_nobody() {
    let (server, stage) = scene();
    let own = stage.alice().token().to_owned();
    for path in ["/first", "/last", "/three", "/alone", "/welcome", "/nested"] {
        ask(&stage, path, &own).expect(200);
        assert_eq!(stage.api.last_request().claims()["sub"], "alice", "{path}");
    }
    assert_eq!(server.hits(), 0);
}

#[test]
fn what_is_not_good_is_refused_by_whose_it_is() {
    let (_server, stage) = scene();
    for path in ["/first", "/last", "/three", "/welcome", "/partners"] {
        refused(&stage, ask(&stage, path, "other"), "partner", "inactive");
    }
    // Whoever is alone, or beside one who takes signed tokens only, takes what is opaque.
    for path in ["/alone", "/signed"] {
        refused(&stage, ask(&stage, path, "t"), "bearer", "malformed");
    }
    refused(&stage, ask(&stage, "/signed", "a.b.c"), "jwt", "malformed");
    // Of `all`, the one that is missing is named.
    let body = ask(&stage, "/nested", "t").expect(401).json();
    assert_eq!((&body["authenticator"], &body["reason"]), (&json!("api_key"), &json!("missing")));
}

#[test]
fn what_is_ours_and_not_good_is_never_anonymous_and_shown_to_nobody() {
    let (server, stage) = scene();
    let claims = URL_SAFE_NO_PAD.encode("{\"iss\":\"http://shop.test\",\"sub\":\"alice\"}");
    let signed = format!("e30.{claims}.c2ln");
    for token in ["syms_garbled", "symk_garbled", &signed] {
        for path in ["/first", "/last", "/alone", "/welcome", "/nested"] {
            refused(&stage, ask(&stage, path, token), "bearer", "malformed");
        }
        refused(&stage, ask(&stage, "/partners", token), "partner", "own");
    }
    assert_eq!(server.hits(), 0);
}
