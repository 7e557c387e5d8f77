//! What else the server says of somebody, as headers for the service.

use serde_json::json;
use tempfile::TempDir;

use super::{Scene, ask, good, json_answer, sections};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn claims_of_the_answer_are_headers_where_that_is_asked_for() {
    let answer = good(&json!({
        "email": "alice@as.example", "level": 3, "address": { "city": "Ghent" },
        "long": "x".repeat(1025), "address.city": "Rome", "line": "a\r\nx-admin: 1",
    }));
    let server = Upstream::answering(move |_| json_answer(&answer));
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("as.secret"), "s").unwrap();
    let headers = "x-mail: claim.email, x-level: claim.level, x-city: claim.address.city, \
                   x-long: claim.long, x-line: claim.line, x-none: claim.none, x-who: claim.sub";
    let settings = Settings {
        sections: sections(&format!("http://{}/introspect", server.address), &folder, ""),
        api: format!(", identity_headers: {{ {headers} }}"),
        routes: "
  - { name: mine, paths: [/mine], service: api, authenticate: [partner] }"
            .to_owned(),
        ..Settings::default()
    };
    let scene = Scene { stage: Stage::set(&settings, Upstream::plain()), _folder: folder };
    ask(&scene, "/mine", "opaque").expect(200);
    let seen = scene.api.only_request();
    let said = |name: &str| seen.headers().get(name);
    assert_eq!((said("x-mail"), said("x-level")), (Some("alice@as.example"), Some("3")));
    assert_eq!((said("x-city"), said("x-who")), (Some("Ghent"), Some("Alice|7")));
    for name in ["x-long", "x-line", "x-none", "x-admin"] {
        assert_eq!(said(name), None, "{name}");
    }
}
