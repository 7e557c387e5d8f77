//! Secrets in every field that may hold a credential, right and wrong ones, and then a search: in
//! answers, logs, metrics, the audit log, files, and in what the services were sent.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::http::{Request, Response, exchange};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// What is right, each with a word of its own that is looked for.
const KEY: &str = "planted-api-key-0123456789";
const PASSWORD: &str = "planted password of a machine";
const SECRET: &str = "planted-shared-secret-of-a-signature";
/// What is wrong, or in the wrong place.
const WRONG: &str = "planted-wrong-0123456789";

/// The word that no place but theirs has.
const WORD: &str = "planted";

const ROUTES: &str = "
  - name: machines
    paths: [/machines]
    service: api
    authenticate: [api_key, basic, hmac, bearer, anywhere]
  - { name: both, paths: [/both], service: api, authenticate: { all: [api_key, basic] } }
  - { name: open, paths: [/open], service: api, authenticate: { any: [anywhere], optional: true } }
";

fn scene() -> (Stage, TempDir) {
    let folder = TempDir::new().unwrap();
    for (name, secret) in [("key", KEY), ("password", PASSWORD), ("secret", SECRET)] {
        fs::write(folder.path().join(name), secret).unwrap();
    }
    let place = folder.path().display();
    let settings = Settings {
        sections: format!(
            "
authenticators:
  anywhere: {{ api_key: {{ header: x-key, query: key, cookie: key }} }}
clients:
  robot:
    credentials:
      - {{ api_key: {{ secret_file: {place}/key, foreign: true }} }}
      - {{ basic: {{ username: robot, password_file: {place}/password }} }}
      - {{ hmac: {{ key_id: robot, secret_file: {place}/secret }} }}
"
        ),
        routes: ROUTES.to_owned(),
        ..Settings::default()
    };
    (Stage::set(&settings, Upstream::plain()), folder)
}

/// Every field with something that nobody else may see.
fn requests() -> Vec<Request> {
    let basic = |name: &str, password: &str| {
        format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
    };
    let mut requests = Vec::new();
    for path in ["/machines", "/both", "/open", "/public", "/nowhere"] {
        let get = |query: &str| Request::get(&format!("{path}{query}"));
        for key in [KEY, WRONG] {
            requests.extend([
                get("").with("apikey", key),
                get("").with("X-Key", key),
                get(&format!("?a=1&key={key}&b=2")),
                get("").with("Cookie", &format!("a=1; key={key}; b=2")),
                get("").with("apikey", key).with("apikey", WRONG),
                get("").with("apikey", key).with("Authorization", &basic("robot", PASSWORD)),
            ]);
        }
        for value in [
            basic("robot", PASSWORD),
            basic(WRONG, PASSWORD),
            basic("robot", WRONG),
            format!("Basic {WRONG}"),
            format!("Bearer {WRONG}"),
            format!("Bearer {WRONG} {WRONG}"),
            format!("{WRONG} x"),
            format!(
                "hmac username=\"{WRONG}\", algorithm=\"{WRONG}\", headers=\"date\", signature=\"{WRONG}\""
            ),
            format!(
                "hmac username=\"robot\", algorithm=\"hmac-sha256\", headers=\"{WRONG}\", signature=\"{WRONG}\""
            ),
            format!(
                "Signature keyId=\"{WRONG}\",algorithm=\"hmac-sha256\",headers=\"date\",signature=\"{WRONG}\""
            ),
        ] {
            requests.push(get("").with("Authorization", &value));
        }
        // Where no signature is asked for, it is a header like any other.
        let is_asked_for = path == "/machines";
        requests.extend(is_asked_for.then(|| {
            get("").with("Signature", &format!("sig=:{}:", STANDARD.encode(WRONG))).with(
                "Signature-Input",
                &format!("sig=(\"@method\");keyid=\"{WRONG}\";nonce=\"{WRONG}\""),
            )
        }));
        requests.extend([
            get("").with("Client-Cert", &format!(":{}:", STANDARD.encode(WRONG))),
            get("").with("X-Consumer-Username", WRONG),
            get("").with("X-Api-Key", WRONG),
            get("").with("Proxy-Authorization", &format!("Bearer {WRONG}")),
        ]);
    }
    requests
}

fn text(answer: &Response) -> String {
    let fields: Vec<String> =
        answer.headers().iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{}\n{}", fields.join("\n"), String::from_utf8_lossy(&answer.message.body))
}

#[test]
fn what_was_planted_is_found_nowhere() {
    let (mut stage, _folder) = scene();
    let mut found = Vec::new();
    for request in requests() {
        let answer = stage.exchange(&request);
        assert!(answer.status < 500, "{answer:?}");
        found.push(("an answer", text(&answer)));
    }
    assert!(stage.api.hits() > 10, "nothing was right");
    let host = stage.symbolon.admin.to_string();
    let ask =
        |request: Request| text(&exchange(stage.symbolon.admin, &request.with("Host", &host)));
    for (name, value) in [("apikey", KEY), ("x-key", WRONG), ("authorization", WRONG)] {
        let question = json!({
            "method": "GET",
            "url": format!("/machines?key={WRONG}"),
            "headers": [[name, value]],
        });
        found.push(("an explanation", ask(Request::post("/v1/explain").json(&question))));
    }
    found.push(("the metrics", ask(Request::get("/metrics"))));
    for request in stage.api.requests() {
        // A path that is no credential's place is the caller's own affair; none was planted there.
        let fields: Vec<String> =
            request.headers().iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let seen = format!("{}\n{}", request.target(), fields.join("\n"));
        let is_hidden = !request.target().starts_with("/public");
        if is_hidden {
            found.push(("the service", seen));
        }
    }
    let log = stage.symbolon.log().clone();
    let access_log = stage.symbolon.access_log().clone();
    assert!(stage.symbolon.stop().success());
    let audit = stage.symbolon.run(&["audit", "export"]);
    assert!(audit.contains("\"robot\""), "{audit}");
    found.push(("the audit log", audit));
    found.push(("the log", log.to_the_end().join("\n")));
    found.push(("the access log", access_log.to_the_end().join("\n")));
    for (place, text) in &found {
        assert!(!text.contains(WORD), "in {place}:\n{text}");
        let encoded = STANDARD.encode(WORD);
        assert!(!text.contains(encoded.trim_end_matches('=')), "in {place}:\n{text}");
    }
    for entry in fs::read_dir(stage.symbolon.folder().join("data")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap_or_default();
        let is_there = bytes.windows(WORD.len()).any(|window| window == WORD.as_bytes());
        assert!(!is_there, "in {}", path.display());
    }
}
