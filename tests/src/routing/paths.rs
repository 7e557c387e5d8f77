//! The path and the host that a service is sent, and that nothing can be smuggled into them.

use super::with_routes;
use crate::harness::http::Request;

const ROUTES: &str = "
  - { name: strip, paths: [/v1/orders], strip_prefix: /v1, service: api, authenticate: none }
  - { name: all, paths: [/everything], strip_prefix: /everything, service: api, authenticate: none }
  - name: rewrite
    paths: [\"~ ^/items/(?P<id>[^/]+)(/.*)?$\"]
    rewrite: { path: \"/api/items/${id}$2\" }
    service: api
    authenticate: none
  - name: glue
    paths: [\"~ ^/glue/(.)(.*)$\"]
    rewrite: { path: \"/x/$1/$2\" }
    service: api
    authenticate: none
  - { name: host, paths: [/host], host: rewrite, service: api, authenticate: none }";

#[test]
fn the_service_is_sent_another_path() {
    let stage = with_routes(ROUTES);
    for (target, sent) in [
        ("/v1/orders/7?a=b", "/orders/7?a=b"),
        ("/v1/orders", "/orders"),
        ("/everything", "/"),
        ("/everything/", "/"),
        ("/everything/a/b?c", "/a/b?c"),
        ("/items/7", "/api/items/7"),
        ("/items/7/parts/1?x=y", "/api/items/7/parts/1?x=y"),
        ("/%69tems/%37", "/api/items/7"),
    ] {
        stage.exchange(&Request::get(target)).expect(200);
        assert_eq!(stage.api.last_request().target(), sent, "{target}");
    }
}

#[test]
fn what_is_made_of_a_path_is_never_one_that_was_not_judged() {
    let stage = with_routes(ROUTES);
    // `/x/./admin`, `/x//b`, and half an escape: a service could read another path out of them.
    for target in ["/glue/.admin", "/glue/a/b", "/glue/%C3%A4"] {
        let answer = stage.exchange(&Request::get(target)).expect(400);
        assert_eq!(answer.json()["code"], "malformed");
    }
    assert_eq!(stage.api.hits(), 0);
    stage.exchange(&Request::get("/glue/ab")).expect(200);
    assert_eq!(stage.api.only_request().target(), "/x/a/b");
    stage.symbolon.access_log().wait_for("the reason", |line| {
        line.contains("the path that the route makes of this one").then_some(())
    });
}

#[test]
fn the_service_may_see_its_own_name_as_host() {
    let stage = with_routes(ROUTES);
    stage.exchange(&Request::get("/host/x")).expect(200);
    let received = stage.api.last_request();
    assert_eq!(received.headers().get("host"), Some(&*stage.api.address.to_string()));
    assert_eq!(received.headers().get("x-forwarded-host"), Some("shop.test"));
    stage.exchange(&Request::get("/public/x")).expect(200);
    assert_eq!(stage.api.last_request().headers().get("host"), Some("shop.test"));
    // With a body, and on a connection that is kept.
    let post = Request::post("/host/x").body(b"hello");
    stage.exchange(&post).expect(200);
    let received = stage.api.last_request();
    assert_eq!(received.headers().get("host"), Some(&*stage.api.address.to_string()));
    assert_eq!(received.message.body, b"hello");
}
