//! The headers of Kong and APISIX, and those of one's own: set from what was proved, stripped
//! wherever they come in.

use std::fs;

use tempfile::TempDir;

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// Keys of another system, which tests may know beforehand.
const KEY: &str = "kong-key-0123456789abcdef";

/// The stage, and the folder with the key.
fn stage(told: &str) -> (Stage, TempDir) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("robot.key");
    fs::write(&file, KEY).unwrap();
    let file = file.display();
    let settings = Settings {
        api: format!(", identity_headers: {told}"),
        sections: format!(
            "
clients:
  robot:
    custom_id: R-1
    groups: [internal, night]
    scopes: [\"orders:read\"]
    labels: {{ team: warehouse }}
    credentials: [{{ id: first, api_key: {{ secret_file: {file}, foreign: true }} }}]
"
        ),
        routes: "  - { name: keys, paths: [/keys], service: api, authenticate: [api_key] }
  - { name: elsewhere, paths: [/elsewhere], service: other, authenticate: none }
"
        .to_owned(),
        ..Settings::default()
    };
    (Stage::set(&settings, Upstream::plain()), folder)
}

fn seen(stage: &Stage, name: &str) -> Option<String> {
    stage.api.last_request().headers().get(name).map(str::to_owned)
}

#[test]
fn as_kong_says_it() {
    let (stage, _folder) = stage("kong");
    let spoofed = Request::get("/keys").with("apikey", KEY).with("X-Consumer-Username", "root");
    stage.exchange(&spoofed.with("X-Anonymous-Consumer", "true")).expect(200);
    for (name, value) in [
        ("x-consumer-id", Some("robot")),
        ("x-consumer-username", Some("robot")),
        ("x-consumer-custom-id", Some("R-1")),
        ("x-consumer-groups", Some("internal, night")),
        ("x-credential-identifier", Some("first")),
        ("x-authenticated-scope", Some("orders:read")),
        ("x-authenticated-userid", None),
        ("x-anonymous-consumer", None),
        ("apikey", None),
    ] {
        assert_eq!(seen(&stage, name).as_deref(), value, "{name}");
    }

    let spoofed = Request::get("/maybe").with("X-Consumer-Username", "root");
    stage.exchange(&spoofed).expect(200);
    assert_eq!(seen(&stage, "x-anonymous-consumer").as_deref(), Some("true"));
    assert_eq!(seen(&stage, "x-consumer-username"), None);

    let mut alice = stage.alice();
    alice.get("/maybe").expect(200);
    assert_eq!(seen(&stage, "x-consumer-username").as_deref(), Some("alice"));
    assert_eq!(seen(&stage, "x-anonymous-consumer"), None);
}

#[test]
fn as_apisix_says_it() {
    let (stage, _folder) = stage("apisix");
    stage.exchange(&Request::get("/keys").with("apikey", KEY)).expect(200);
    for (name, value) in [
        ("x-consumer-username", Some("robot")),
        ("x-consumer-custom-id", Some("R-1")),
        ("x-credential-identifier", Some("first")),
        ("x-consumer-groups", None),
    ] {
        assert_eq!(seen(&stage, name).as_deref(), value, "{name}");
    }
}

#[test]
fn headers_of_ones_own_are_stripped_on_every_route() {
    let (stage, _folder) = stage("{ caller: sub, caller-team: label.team, caller-groups: groups }");
    let spoofed = Request::get("/keys").with("apikey", KEY).with("Caller", "root");
    stage.exchange(&spoofed).expect(200);
    assert_eq!(seen(&stage, "caller").as_deref(), Some("client:robot"));
    assert_eq!(seen(&stage, "caller-team").as_deref(), Some("warehouse"));
    assert_eq!(seen(&stage, "caller-groups").as_deref(), Some("internal, night"));

    // To another service, on a public route, and to the same without anybody.
    for (path, upstream) in [("/elsewhere", &stage.other), ("/public", &stage.api)] {
        let spoofed = Request::get(path).with("Caller", "root").with("CALLER-TEAM", "root");
        stage.exchange(&spoofed).expect(200);
        let request = upstream.last_request();
        assert_eq!(request.headers().get("caller"), None, "{path}");
        assert_eq!(request.headers().get("caller-team"), None, "{path}");
    }
}

#[test]
fn what_a_header_says_no_trailer_says() {
    let (stage, _folder) = stage("{ caller: sub }");
    let head = format!(
        "POST /keys HTTP/1.1\r\nHost: shop.test\r\napikey: {KEY}\r\n\
         Transfer-Encoding: chunked\r\nTrailer: Caller\r\n\r\n"
    );
    let mut connection = stage.connect();
    let body = "2\r\nhi\r\n0\r\nCaller: root\r\nX-Sum: 7\r\n\r\n";
    connection.send(format!("{head}{body}").as_bytes());
    connection.response().expect(200);
    let received = stage.api.only_request();
    assert_eq!(received.headers().get("caller"), Some("client:robot"));
    let trailers: Vec<_> = received.message.trailers.iter().collect();
    assert_eq!(trailers, [("x-sum", "7")]);
}

#[test]
fn what_a_service_outside_says_is_no_clients_word_on_any_route() {
    let settings = Settings {
        sections: "
authenticators:
  guard:
    forward: { url: \"http://127.0.0.1:9/\", upstream_headers: [x-plan] }
"
        .to_owned(),
        routes: "  - { name: guarded, paths: [/guarded], service: api, authenticate: [guard] }\n"
            .to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::get("/public").with("X-Plan", "gold")).expect(200);
    assert_eq!(stage.api.only_request().headers().get("x-plan"), None);
}

#[test]
fn where_nobody_asks_for_them_none_are_sent() {
    let (stage, _folder) = stage("none");
    let spoofed = Request::get("/keys").with("apikey", KEY).with("X-Consumer-Username", "root");
    stage.exchange(&spoofed).expect(200);
    for name in ["x-consumer-id", "x-consumer-username", "x-credential-identifier"] {
        assert_eq!(seen(&stage, name), None, "{name}");
    }
}
