//! Headers and query decide between routes for the same path.

use super::with_routes;
use crate::harness::http::Request;

const ROUTES: &str = "
  - { name: shop, paths: [/shop], service: api, authenticate: none }
  - { name: beta, paths: [/shop], headers: { x-beta: { present: true } }, service: other, authenticate: none }
  - name: version
    paths: [/shop]
    headers: { x-version: { regex: \"2|3\" } }
    query: { lang: de }
    service: other
    authenticate: [session]
  - { name: only, paths: [/only], headers: { x-key: \"a\" }, service: other, authenticate: none }";

#[test]
fn conditions_choose_between_routes_for_one_path() {
    let stage = with_routes(ROUTES);
    stage.exchange(&Request::get("/shop/x")).expect(200);
    assert_eq!((stage.api.hits(), stage.other.hits()), (1, 0));
    stage.exchange(&Request::get("/shop/x").with("X-Beta", "whatever")).expect(200);
    assert_eq!((stage.api.hits(), stage.other.hits()), (1, 1));
    // Two conditions that are met outrank one, and bring the demands of their route along.
    let both = Request::get("/shop/x?a=b&lang=de").with("X-Beta", "").with("X-Version", "3");
    stage.exchange(&both).expect(401);
    stage.exchange(&Request::get("/shop/x?lang=de").with("X-Version", "4")).expect(200);
    assert_eq!((stage.api.hits(), stage.other.hits()), (2, 1));
}

#[test]
fn the_query_is_compared_decoded_and_passed_on_as_it_came() {
    let stage = with_routes(ROUTES);
    let encoded = Request::get("/shop/x?l%61ng=%64e").with("X-Version", "2");
    stage.exchange(&encoded).expect(401);
    stage.exchange(&Request::get("/shop/x?l%61ng=%64e")).expect(200);
    assert_eq!(stage.api.only_request().target(), "/shop/x?l%61ng=%64e");
}

#[test]
fn a_repeated_field_does_not_lead_to_a_less_strict_route() {
    let stage = with_routes(
        "
  - { name: report, paths: [/report], service: api, authenticate: none }
  - { name: full, paths: [/report], query: { format: full }, service: other, authenticate: [session] }
  - { name: mode, paths: [/mode], service: api, authenticate: none }
  - { name: mode-admin, paths: [/mode], methods: [GET], headers: { x-mode: admin }, service: other, authenticate: [session] }
  - { name: bug, paths: [/bug], service: api, authenticate: none }
  - { name: debug, paths: [/bug], query: { debug: { present: true } }, service: other, authenticate: [session] }",
    );
    stage.exchange(&Request::get("/report?format=full")).expect(401);
    stage.exchange(&Request::get("/report?f%6Frmat=f%75ll")).expect(401);
    stage.exchange(&Request::get("/mode").with("X-Mode", "admin")).expect(401);
    for target in [
        "/report?format=full&format=full",
        "/report?format=brief&format=full",
        "/report?format&format=full",
        "/report?f%6Frmat=full&format=brief",
        // Older readers split at a semicolon as well.
        "/report?x=1;format=full",
        "/report?format=full;x=1",
        "/bug?x=1;debug",
    ] {
        let answer = stage.exchange(&Request::get(target));
        assert_eq!(answer.status, 400, "{target}");
        assert_eq!(answer.json()["code"], "malformed", "{target}");
    }
    for values in [["admin", "admin"], ["admin", "x"], ["x", "admin"]] {
        let request = values.iter().fold(Request::get("/mode"), |all, one| all.with("X-Mode", one));
        stage.exchange(&request).expect(400);
    }
    assert_eq!((stage.api.hits(), stage.other.hits()), (0, 0));
    // What no route of that place and method looks at may come as often as it likes.
    stage
        .exchange(&Request::get("/report?x=1&x=2").with("X-Mode", "a").with("X-Mode", "b"))
        .expect(200);
    let post = Request::post("/mode").with("X-Mode", "a").with("X-Mode", "b");
    stage.exchange(&post.body(b"")).expect(200);
    assert_eq!(stage.api.hits(), 2);
}

#[test]
fn where_no_conditions_are_met_nothing_is_there() {
    let stage = with_routes(
        "
  - { name: root, paths: [/], service: api, authenticate: none }
  - { name: any-host, paths: [/hosted], service: api, authenticate: none }
  - name: hosted
    hosts: [shop.test]
    paths: [/hosted]
    headers: { x-key: \"a\" }
    service: other
    authenticate: none
  - { name: only, paths: [/only], headers: { x-key: \"a\" }, service: other, authenticate: none }",
    );
    let answer = stage.exchange(&Request::get("/only/x")).expect(404);
    assert_eq!(answer.json()["code"], "no_route");
    // Nor does a route for all hosts take over from one for this host.
    stage.exchange(&Request::get("/hosted")).expect(404);
    assert_eq!(stage.api.hits(), 0, "a less specific route took over");
    stage.exchange(&Request::get("/only/x").with("X-Key", "a")).expect(200);
    stage.exchange(&Request::get("/hosted").with("X-Key", "a")).expect(200);
    assert_eq!(stage.other.hits(), 2);
    stage.exchange(&Request::get("/hosted").with("Host", "elsewhere.test")).expect(200);
    assert_eq!(stage.api.hits(), 1);
}
