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
fn a_repeated_header_or_parameter_meets_no_condition_on_its_value() {
    let stage = with_routes(ROUTES);
    let twice = Request::get("/only").with("X-Key", "a").with("X-Key", "a");
    stage.exchange(&twice).expect(404);
    let twice = Request::get("/shop/x?lang=de&lang=de").with("X-Version", "2");
    stage.exchange(&twice).expect(200);
    assert_eq!((stage.api.hits(), stage.other.hits()), (1, 0));
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
