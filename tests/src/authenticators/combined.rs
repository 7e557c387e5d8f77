//! Several authenticators on one route: any of them, all of them, both in turn.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::table::Then::{Failed, Missing, Served};
use super::table::{add_basic, add_client, add_key, check};
use crate::harness::certificates::Authority;
use crate::harness::http::Request;
use crate::harness::http2::Client as Http2Client;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;

const KEY: &str = "ApiKey realm=\"symbolon\"";
const BASIC: &str = "Basic realm=\"symbolon\", charset=\"UTF-8\"";
const BEARER: &str = "Bearer realm=\"symbolon\"";
const CERTIFICATE: &str = "ClientCertificate realm=\"symbolon\"";

/// The password of both clients.
const SECRET: &str = "a password of a machine";

const ROUTES: &str = "
  - { name: any, paths: [/any], service: api, authenticate: [api_key, basic] }
  - { name: all, paths: [/all], service: api, authenticate: { all: [api_key, basic] } }
  - name: nested
    paths: [/nested]
    service: api
    authenticate: { any: [{ all: [api_key, basic] }, bearer] }
  - name: within
    paths: [/within]
    service: api
    authenticate: { all: [api_key, { any: [basic, bearer] }] }
  - name: optional
    paths: [/optional]
    service: api
    authenticate: { any: [api_key, basic], optional: true }
  - name: optional-all
    paths: [/optional-all]
    service: api
    authenticate: { all: [api_key, basic], optional: true }
  - { name: two, paths: [/two], service: api, authenticate: { all: [session, handed] } }
  - { name: twice, paths: [/twice], service: api, authenticate: { all: [session, bearer] } }
  - { name: reversed, paths: [/reversed], service: api, authenticate: { all: [bearer, session] } }
  - { name: three, paths: [/three], service: api, authenticate: { all: [bearer, api_key] } }
  - { name: every, paths: [/every], service: api, authenticate: [session, api_key, basic, handed] }";

/// The gateway with the clients `one` and `two`, each with a key, a password and the certificate
/// of the same name.
struct Scene {
    stage: Stage,
    key: String,
    other_key: String,
    certificate: String,
}

fn scene() -> Scene {
    let settings = Settings {
        sections: "trusted_proxies: [127.0.0.0/8]
authenticators:
  handed: { mtls: { from: client_cert_header } }"
            .to_owned(),
        routes: ROUTES.to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let symbolon = &stage.symbolon;
    for name in ["one", "two"] {
        add_client(symbolon, name);
        add_basic(symbolon, name, name, SECRET);
        let san = format!("{name}.example");
        symbolon.run(&["client", "credential", "add", name, "mtls", "--san", &san]);
    }
    let (key, other_key) = (add_key(symbolon, "one", &[]), add_key(symbolon, "two", &[]));
    let shown = Authority::new("clients").issue(&["one.example"]);
    let certificate = format!(":{}:", STANDARD.encode(&shown.certificate));
    Scene { stage, key, other_key, certificate }
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

#[test]
fn any_of_two_is_enough_and_a_bad_one_is_not_made_good_by_another() {
    let Scene { stage, key, .. } = scene();
    let get = || Request::get("/any");
    let (good, bad) = (basic("one", SECRET), basic("one", "not the password"));
    let stranger = Symbolon::new_key();
    check(
        &stage,
        &[KEY, BASIC],
        &[
            ("the first", get().with("apikey", &key), Served),
            ("the second", get().with("Authorization", &good), Served),
            ("both", get().with("apikey", &key).with("Authorization", &good), Served),
            ("neither", get(), Missing),
            (
                "the first is bad",
                get().with("apikey", &stranger).with("Authorization", &good),
                Failed("api_key", "unknown"),
            ),
            ("the second alone, bad", get().with("Authorization", &bad), Failed("basic", "wrong")),
        ],
    );
}

#[test]
fn all_of_two_are_needed_and_are_of_one_client() {
    let Scene { stage, key, other_key, .. } = scene();
    let get = |path: &str| Request::get(path);
    let (good, bad) = (basic("one", SECRET), basic("one", "not the password"));
    let stranger = Symbolon::new_key();
    for path in ["/all", "/within", "/nested"] {
        let challenges = if path == "/all" { vec![KEY, BASIC] } else { vec![KEY, BASIC, BEARER] };
        let both = |key: &str, authorization: &str| {
            get(path).with("apikey", key).with("Authorization", authorization)
        };
        check(
            &stage,
            &challenges,
            &[
                ("both", both(&key, &good), Served),
                ("neither", get(path), Missing),
                ("the first alone", get(path).with("apikey", &key), Failed("basic", "missing")),
                (
                    "the second alone",
                    get(path).with("Authorization", &good),
                    Failed("api_key", "missing"),
                ),
                ("of two clients", both(&other_key, &good), Failed("basic", "contradiction")),
                ("the first is bad", both(&stranger, &good), Failed("api_key", "unknown")),
                ("the second is bad", both(&key, &bad), Failed("basic", "wrong")),
            ],
        );
    }
    stage.exchange(&Request::get("/all").with("apikey", &key).with("Authorization", &good));
    let claims = stage.api.last_request().claims();
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("client:one"), &json!("one")));
}

#[test]
fn optional_lets_in_who_offers_nothing_and_nobody_else() {
    let Scene { stage, key, .. } = scene();
    let good = basic("one", SECRET);
    for path in ["/optional", "/optional-all"] {
        let get = || Request::get(path);
        let anonymous =
            get().with("X-Consumer-Username", "root").with("X-Anonymous-Consumer", "no");
        stage.exchange(&anonymous).expect(200);
        let seen = stage.api.last_request();
        assert!(seen.token().is_none() && !seen.headers().has("x-consumer-username"), "{seen:?}");
        assert!(!seen.headers().has("x-anonymous-consumer"), "{seen:?}");
        check(
            &stage,
            &[KEY, BASIC],
            &[
                ("both", get().with("apikey", &key).with("Authorization", &good), Served),
                ("a bad key", get().with("apikey", "x"), Failed("api_key", "malformed")),
                (
                    "a bad password",
                    get().with("Authorization", "Basic x"),
                    Failed("basic", "malformed"),
                ),
            ],
        );
    }
    let half = Request::get("/optional-all").with("apikey", &key);
    check(&stage, &[KEY, BASIC], &[("half of what is needed", half, Failed("basic", "missing"))]);
}

#[test]
fn a_person_on_a_client_is_both() {
    let Scene { stage, key, certificate, .. } = scene();
    let alice = stage.alice();
    let dressed = |path: &str| alice.dress(Request::get(path));
    let both = dressed("/two").with("Client-Cert", &certificate);
    stage.exchange(&both).expect(200);
    let seen = stage.api.last_request();
    let claims = seen.claims();
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("alice"), &json!("one")));
    // What somebody may do is theirs, and not their machine's.
    assert_eq!((&claims["roles"], &claims["groups"]), (&json!(["customer"]), &json!(null)));
    assert!(claims["sid"].is_string() && !seen.headers().has("client-cert"), "{claims}");
    let bearer = Request::get("/three").with("Authorization", &format!("Bearer {}", alice.token()));
    stage.exchange(&bearer.with("apikey", &key)).expect(200);
    let claims = stage.api.last_request().claims();
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("alice"), &json!("one")));
    check(
        &stage,
        &[BEARER, CERTIFICATE],
        &[
            ("a person alone", dressed("/two"), Failed("handed", "missing")),
            (
                "a machine alone",
                Request::get("/two").with("Client-Cert", &certificate),
                Failed("session", "missing"),
            ),
        ],
    );
    // One session in two ways is one, and two of the same person are not.
    let twice = |token: &str| dressed("/twice").with("Authorization", &format!("Bearer {token}"));
    stage.exchange(&twice(alice.token())).expect(200);
    let mut elsewhere = stage.visitor();
    elsewhere.log_in("alice");
    stage.exchange(&twice(elsewhere.token())).expect(401);
    // A session that lives is not forgotten because it does not go together with another one.
    let twin = |cookie: &str, token: &str| {
        let cookie = Request::get("/reversed").with("Cookie", &format!("symbolon={cookie}"));
        cookie.with("Authorization", &format!("Bearer {token}"))
    };
    let differ = stage.exchange(&twin(alice.token(), elsewhere.token())).expect(401);
    assert_eq!(differ.json()["reason"], "contradiction");
    assert_eq!(differ.set_cookie("symbolon"), None, "{differ:?}");
    let dead = stage.exchange(&twin("syms_x", elsewhere.token())).expect(401);
    assert!(dead.set_cookie("symbolon").is_some(), "{dead:?}");
    // A client that is taken away takes the person's way in with it.
    stage.symbolon.run(&["client", "remove", "one"]);
    stage.exchange(&both).expect(401);
    stage.exchange(&dressed("/api/x")).expect(200);
}

#[test]
fn the_log_says_who_refused() {
    let Scene { stage, .. } = scene();
    let stranger = Symbolon::new_key();
    stage.exchange(&Request::get("/any/logged").with("apikey", &stranger)).expect(401);
    let line = stage.symbolon.access_log().wait_for("the refusal", |line| {
        let line: Value = serde_json::from_str(line).ok()?;
        (line["path"] == "/any/logged").then_some(line)
    });
    assert_eq!(line["authenticator"], "api_key");
}

#[test]
fn one_challenge_for_each_scheme() {
    let Scene { stage, .. } = scene();
    let everything = [BEARER, KEY, BASIC, CERTIFICATE];
    check(&stage, &everything, &[("nothing", Request::get("/every"), Missing)]);
}

#[test]
fn a_caller_of_grpc_is_told_in_its_own_words() {
    let Scene { stage, key, .. } = scene();
    let mut client = Http2Client::to(stage.symbolon.address);
    let asking = [("content-type", "application/grpc+proto"), ("te", "trailers")];
    let stranger = Symbolon::new_key();
    for further in [vec![], vec![("apikey", &*stranger)], vec![("authorization", "Basic x")]] {
        let fields = [&asking[..], &further].concat();
        let answer = client.post("/any", &fields, "\0\0\0\0\0").expect(200);
        assert_eq!(answer.header("grpc-status"), Some("16"), "{further:?}: {answer:?}");
        assert_eq!(answer.body(), "");
    }
    assert_eq!(stage.api.hits(), 0);
    let fields = [&asking[..], &[("apikey", &*key)]].concat();
    client.post("/any", &fields, "\0\0\0\0\0").expect(200);
    assert_eq!(stage.api.hits(), 1);
}
