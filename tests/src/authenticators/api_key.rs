//! `api_key`: a client's key in a header, in the query or in a cookie.

use super::table::Then::{Failed, Missing, Served};
use super::table::{add_client, add_key, check};
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;

const CHALLENGE: &[&str] = &["ApiKey realm=\"symbolon\""];

const AUTHENTICATORS: &str = "authenticators:
  queried: { api_key: { query: key } }
  baked: { api_key: { cookie: key } }
  anywhere: { api_key: { header: x-key, query: key, cookie: key } }
  shown: { api_key: { hide_credentials: false } }
  shown-anywhere: { api_key: { header: x-key, query: key, cookie: key, hide_credentials: false } }
  shown-beside: { api_key: { header: x-api-key, hide_credentials: false } }";

const ROUTES: &str = "
  - { name: keyed, paths: [/keyed], service: api, authenticate: [api_key] }
  - { name: queried, paths: [/queried], service: api, authenticate: [queried] }
  - { name: baked, paths: [/baked], service: api, authenticate: [baked] }
  - { name: anywhere, paths: [/anywhere], service: api, authenticate: [anywhere] }
  - { name: shown, paths: [/shown], service: api, authenticate: [shown] }
  - { name: shown-anywhere, paths: [/shown-anywhere], service: api, authenticate: [shown-anywhere] }
  - { name: twice, paths: [/twice], service: api, authenticate: { all: [api_key, shown] } }
  - { name: beside, paths: [/beside], service: api, authenticate: [shown-beside] }
  - name: perhaps
    paths: [/perhaps]
    service: api
    authenticate: { any: [anywhere], optional: true }";

/// The gateway with a client `robot` in its store, and the client's key.
fn scene() -> (Stage, String) {
    let settings = Settings {
        sections: AUTHENTICATORS.to_owned(),
        routes: ROUTES.to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    add_client(&stage.symbolon, "robot");
    let key = add_key(&stage.symbolon, "robot", &[]);
    (stage, key)
}

fn with(name: &str, value: &str) -> Request {
    Request::get("/keyed").with(name, value)
}

#[test]
fn a_key_is_taken_from_where_it_was_said_and_from_nowhere_else() {
    let (stage, key) = scene();
    let stranger = Symbolon::new_key();
    let form = |body: &str, kind: &str| {
        Request::post("/keyed").with("Content-Type", kind).body(body.as_bytes())
    };
    let json = format!("{{\"apikey\":\"{key}\"}}");
    check(
        &stage,
        CHALLENGE,
        &[
            ("the key", with("apikey", &key), Served),
            ("a header in another case", with("ApiKey", &key), Served),
            ("white space around it", with("apikey", &format!("  {key} ")), Served),
            ("no key", Request::get("/keyed"), Missing),
            ("an empty header", with("apikey", ""), Missing),
            ("a key that is nobody's", with("apikey", &stranger), Failed("api_key", "unknown")),
            ("a key of no form", with("apikey", "x"), Failed("api_key", "malformed")),
            ("no ASCII", with("apikey", "schlüssel-von-einem"), Failed("api_key", "malformed")),
            ("half a key", with("apikey", &key[1..]), Failed("api_key", "unknown")),
            ("a reference", with("apikey", "$env://ROBOT"), Failed("api_key", "malformed")),
            (
                "the same key twice",
                with("apikey", &key).with("apikey", &key),
                Failed("api_key", "several"),
            ),
            (
                "two keys in one line",
                with("apikey", &format!("{key}, {key}")),
                Failed("api_key", "malformed"),
            ),
            ("in the query", Request::get(&format!("/keyed?apikey={key}")), Missing),
            ("in a cookie", with("Cookie", &format!("apikey={key}")), Missing),
            ("as a bearer token", with("Authorization", &format!("Bearer {key}")), Missing),
            (
                "in a form",
                form(&format!("apikey={key}"), "application/x-www-form-urlencoded"),
                Missing,
            ),
            ("in JSON", form(&json, "application/json"), Missing),
            ("in text", form(&key, "text/plain"), Missing),
            ("asked for options", Request::new("OPTIONS", "/keyed"), Missing),
        ],
    );
    let get = |target: String| Request::get(&target);
    check(
        &stage,
        CHALLENGE,
        &[
            ("in the query", get(format!("/queried?key={key}")), Served),
            ("its name encoded", get(format!("/queried?a=1&k%65y={key}&b")), Served),
            ("an empty one", get("/queried?key=".to_owned()), Missing),
            ("one without a value", get("/queried?key".to_owned()), Missing),
            ("an array", get(format!("/queried?key[]={key}")), Missing),
            ("another case", get(format!("/queried?KEY={key}")), Missing),
            ("in the header", with("apikey", &key).at("/queried"), Missing),
            ("twice", get(format!("/queried?key={key}&key={key}")), Failed("queried", "several")),
            ("in the cookie", with("Cookie", &format!("a=1; key={key}")).at("/baked"), Served),
            ("an empty cookie", with("Cookie", "key=").at("/baked"), Missing),
            ("another cookie", with("Cookie", &format!("Key={key}")).at("/baked"), Missing),
            (
                "the cookie twice",
                with("Cookie", &format!("key={key}; key={key}")).at("/baked"),
                Failed("baked", "several"),
            ),
            (
                "in two places",
                with("x-key", &key).at(&format!("/anywhere?key={key}")),
                Failed("anywhere", "several"),
            ),
            (
                "good in one place and not in the other",
                with("x-key", &key).with("Cookie", "key=no").at("/anywhere"),
                Failed("anywhere", "several"),
            ),
            (
                "a bad one where nobody needs to have one",
                with("x-key", &stranger).at("/perhaps"),
                Failed("anywhere", "unknown"),
            ),
        ],
    );
}

#[test]
fn the_service_sees_no_key_and_everything_else_as_it_was() {
    let (stage, key) = scene();
    let sent = format!("/anywhere?b=%41&k%65y={key}&a=1&a=+2&%zz&c=%2F");
    let cookies = "a=1; b=\"x y\"; symbolon2=z";
    stage.exchange(&Request::get(&sent).with("Cookie", cookies)).expect(200);
    let seen = stage.api.last_request();
    assert_eq!(seen.target(), "/anywhere?b=%41&a=1&a=+2&%zz&c=%2F");
    assert_eq!(seen.headers().get("cookie"), Some(cookies));
    assert_eq!(seen.claims()["client_id"], "robot");

    let cookie = format!("a=1; key={key}; b=\"x y\"");
    stage.exchange(&Request::get("/anywhere?key=&d").with("Cookie", &cookie)).expect(200);
    let seen = stage.api.last_request();
    assert_eq!(seen.headers().get("cookie"), Some("a=1; b=\"x y\""));
    assert_eq!(seen.target(), "/anywhere?d");

    stage.exchange(&Request::get("/anywhere").with("X-Key", &key)).expect(200);
    assert!(!stage.api.last_request().headers().has("x-key"));
    // What one authenticator of the route hides, the other does not show.
    stage.exchange(&Request::get("/twice").with("apikey", &key)).expect(200);
    assert!(!stage.api.last_request().headers().has("apikey"));
    // Nobody is asked here, so nobody hides it, and it is none of the service's business either.
    stage.exchange(&Request::get("/public/x").with("apikey", &key)).expect(200);
    assert!(!stage.api.last_request().headers().has("apikey"));
    stage.exchange(&Request::get("/perhaps").with("Cookie", "key=")).expect(200);
    assert!(!stage.api.last_request().headers().has("cookie"));
}

#[test]
fn a_service_that_is_to_see_the_key_sees_it() {
    let (stage, key) = scene();
    stage.exchange(&Request::get("/shown").with("apikey", &key)).expect(200);
    assert_eq!(stage.api.last_request().headers().get("apikey"), Some(&*key));
    stage.exchange(&Request::get("/beside").with("X-Api-Key", &key)).expect(200);
    assert_eq!(stage.api.last_request().headers().get("x-api-key"), Some(&*key));
    let target = format!("/shown-anywhere?a=1&key={key}");
    stage.exchange(&Request::get(&target)).expect(200);
    assert_eq!(stage.api.last_request().target(), target);
    let cookie = format!("a=1; key={key}");
    stage.exchange(&Request::get("/shown-anywhere").with("Cookie", &cookie)).expect(200);
    assert_eq!(stage.api.last_request().headers().get("cookie"), Some(&*cookie));
    stage.exchange(&Request::get("/shown-anywhere").with("x-key", &key)).expect(200);
    assert_eq!(stage.api.last_request().headers().get("x-key"), Some(&*key));
    // Here it is no credential of the route's.
    stage.exchange(&Request::get("/shown").with("apikey", &key).with("x-api-key", "x")).expect(200);
    assert!(!stage.api.last_request().headers().has("x-api-key"));
}

#[test]
fn a_header_that_is_an_identity_to_services_is_not_shown() {
    let (stage, _) = scene();
    let settings = Settings {
        sections: "authenticators:
  bad: { api_key: { header: X-Consumer-Username, hide_credentials: false } }"
            .to_owned(),
        ..Settings::default()
    };
    stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
    let refused = stage.symbolon.command(&["config", "check"], "");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(64), "{said}");
    assert!(said.contains("services take `x-consumer-username` for an identity"), "{said}");
}

#[test]
fn a_key_ends_when_it_was_said_to() {
    let (stage, lasting) = scene();
    let key = add_key(&stage.symbolon, "robot", &["--expires-in", "2s", "--id", "short"]);
    let request = with("apikey", &key);
    stage.exchange(&request).expect(200);
    eventually("the end of the key", || (stage.exchange(&request).status == 401).then_some(()));
    let expired = Failed("api_key", "unknown");
    check(&stage, CHALLENGE, &[("an expired key", request, expired)]);
    let shown = stage.symbolon.run(&["client", "show", "robot"]);
    assert!(shown.contains("short") && shown.contains("expired"), "{shown}");
    stage.exchange(&with("apikey", &lasting)).expect(200);
}

#[test]
fn a_key_of_another_system_is_taken_over() {
    let (stage, _) = scene();
    let command = ["client", "credential", "add", "robot", "api-key", "--foreign-stdin"];
    let foreign = "kong-made-this-key-0123456789";
    stage.symbolon.run_with(&command, &format!("{foreign}\n"));
    check(
        &stage,
        CHALLENGE,
        &[
            ("the key", with("apikey", foreign), Served),
            ("another case", with("apikey", &foreign.to_uppercase()), Failed("api_key", "unknown")),
        ],
    );
    let short = stage.symbolon.command(&command, "short");
    assert_eq!(short.status.code(), Some(1));
    let said = String::from_utf8(short.stderr).unwrap();
    assert!(said.contains("16 to 512 visible characters") && !said.contains("short"), "{said}");
}
