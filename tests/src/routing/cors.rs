//! Pages of other origins: what a browser is told before and after (Fetch, "CORS protocol").

use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

const APP: &str = "https://app.example";
const ROUTES: &str = "
  - name: shared
    paths: [/shared]
    methods: [GET, PUT]
    service: api
    authenticate: [session, bearer]
    cors:
      origins: [\"https://app.example\", \"https://*.trusted.example\"]
      headers: [authorization, content-type]
      expose: [etag]
      credentials: true
      max_age: 1h
  - name: open
    paths: [/open]
    service: api
    authenticate: none
    cors: { origins: [\"*\"], expose: [etag] }
  - name: limited
    paths: [/limited]
    service: api
    authenticate: none
    rate_limit: { requests: 1, per: 1h }
    cors: { origins: [\"https://app.example\"] }
  - name: roles
    paths: [/roles]
    service: api
    authenticate: [session]
    authorize: { any_role: [admin] }
    cors: { origins: [\"https://app.example\"], credentials: true }
  - { name: plain, paths: [/plain], methods: [GET], service: api, authenticate: none }
  - { name: split-beta, paths: [/split], headers: { x-beta: \"1\" }, service: api, authenticate: none, cors: { origins: [\"https://app.example\"] } }
  - { name: split, paths: [/split], service: api, authenticate: none, cors: { origins: [\"https://app.example\"], max_age: 1s } }";

fn stage() -> Stage {
    let api = Upstream::answering(|_| {
        let own = [("Access-Control-Allow-Origin", "*"), ("Vary", "accept-encoding")];
        answer::with("200 OK", &own, "{}")
    });
    Stage::set(&Settings { routes: ROUTES.to_owned(), ..Settings::default() }, api)
}

fn preflight(target: &str, origin: &str, method: &str) -> Request {
    Request::new("OPTIONS", target)
        .with("Origin", origin)
        .with("Access-Control-Request-Method", method)
        .with("Access-Control-Request-Headers", "authorization")
}

fn allowed(answer: &Response) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

fn vary(answer: &Response) -> String {
    answer.headers().all("vary").collect::<Vec<_>>().join(", ")
}

#[test]
fn a_preflight_is_answered_without_credentials_and_without_the_service() {
    let stage = stage();
    for origin in [APP, "https://a.trusted.example", "https://a.b.trusted.example"] {
        let answer = stage.exchange(&preflight("/shared/x", origin, "PUT")).expect(204);
        assert_eq!(allowed(&answer), Some(origin));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET, HEAD, PUT"));
        assert_eq!(
            answer.header("access-control-allow-headers"),
            Some("authorization, content-type")
        );
        assert_eq!(answer.header("access-control-max-age"), Some("3600"));
        assert_eq!(answer.header("access-control-expose-headers"), None);
        assert!(vary(&answer).contains("origin"), "{answer:?}");
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn a_preflight_of_a_stranger_is_refused_and_told_nothing() {
    let stage = stage();
    for origin in [
        "https://evil.example",
        "http://app.example",
        "https://app.example.evil.test",
        "https://trusted.example",
        "https://eviltrusted.example",
        "https://app.example:8443",
        "null",
    ] {
        let answer = stage.exchange(&preflight("/shared/x", origin, "GET")).expect(403);
        assert_eq!(answer.json()["code"], "origin_denied");
        assert_eq!(allowed(&answer), None, "{origin}");
        assert_eq!(vary(&answer), "origin");
    }
    // The route does not take the method, or knows of no other origins.
    stage.exchange(&preflight("/shared/x", APP, "DELETE")).expect(405);
    stage.exchange(&preflight("/plain/x", APP, "GET")).expect(405);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn an_answer_says_who_may_read_it_in_place_of_the_service() {
    let stage = stage();
    let mut alice = stage.alice();
    let answer = alice.send(Request::get("/shared/x").with("Origin", APP)).expect(200);
    assert_eq!(allowed(&answer), Some(APP));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(answer.header("access-control-expose-headers"), Some("etag"));
    assert_eq!(vary(&answer), "accept-encoding, origin");
    for request in [
        Request::get("/shared/x").with("Origin", "https://evil.example"),
        Request::get("/shared/x").with("Origin", APP).with("Origin", APP),
        Request::get("/shared/x"),
    ] {
        let answer = alice.send(request).expect(200);
        assert_eq!(allowed(&answer), None);
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(vary(&answer), "accept-encoding, origin");
    }
}

#[test]
fn any_origin_may_read_what_is_open_and_never_with_credentials() {
    let stage = stage();
    let answer = stage.exchange(&Request::get("/open").with("Origin", "null")).expect(200);
    assert_eq!(allowed(&answer), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(vary(&answer), "accept-encoding", "it is the same for every origin");
    let answer = stage.exchange(&preflight("/open", "https://any.example", "POST")).expect(204);
    assert_eq!(allowed(&answer), Some("*"));
    // What a cache fetched without an origin serves every page as well.
    let answer = stage.exchange(&Request::get("/open")).expect(200);
    assert_eq!(allowed(&answer), Some("*"));
    assert_eq!(answer.header("access-control-expose-headers"), Some("etag"));
    assert_eq!(vary(&answer), "accept-encoding");
}

#[test]
fn a_page_can_read_why_it_was_refused() {
    let stage = stage();
    let from_app = |target: &str| Request::get(target).with("Origin", APP);
    let unknown = stage.exchange(&from_app("/shared/x")).expect(401);
    assert_eq!(allowed(&unknown), Some(APP));
    let mut alice = stage.alice();
    let forbidden = alice.send(from_app("/roles")).expect(403);
    assert_eq!(allowed(&forbidden), Some(APP));
    stage.exchange(&from_app("/limited")).expect(200);
    let limited = stage.exchange(&from_app("/limited")).expect(429);
    assert_eq!(allowed(&limited), Some(APP));
    let stranger = Request::get("/limited").with("Origin", "https://evil.example");
    assert_eq!(allowed(&stage.exchange(&stranger).expect(429)), None);
    // Asking costs nothing of the limit and is not refused by it.
    stage.exchange(&preflight("/limited", APP, "GET")).expect(204);
}

#[test]
fn a_preflight_is_for_the_route_that_asks_for_the_fewest_headers() {
    let stage = stage();
    let answer = stage.exchange(&preflight("/split", APP, "GET")).expect(204);
    assert_eq!(answer.header("access-control-max-age"), Some("1"));
    let beta = Request::get("/split").with("Origin", APP).with("X-Beta", "1");
    assert_eq!(allowed(&stage.exchange(&beta).expect(200)), Some(APP));
}

#[test]
fn a_refused_credential_in_a_cookie_stays_refused_whatever_the_origin() {
    let stage = stage();
    let request = Request::get("/shared/x").with("Origin", APP).with("Cookie", "symbolon=x");
    let answer = stage.exchange(&request).expect(401);
    assert_eq!(allowed(&answer), Some(APP));
    assert_eq!(stage.api.hits(), 0);
}
