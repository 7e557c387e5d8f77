//! For which host a request is (RFC 9112 section 3.2).

use crate::harness::http::Response;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn ask(stage: &Stage, head: &str) -> Response {
    let mut connection = stage.connect();
    connection.send(format!("{head}\r\n\r\n").as_bytes());
    connection.response()
}

#[test]
fn a_request_is_for_exactly_one_host() {
    let stage = Stage::plain();
    for head in [
        "GET /public/x HTTP/1.1",
        "GET /public/x HTTP/1.1\r\nHost:",
        "GET /public/x HTTP/1.1\r\nHost: shop.test\r\nHost: shop.test",
        "GET /public/x HTTP/1.1\r\nHost: shop.test\r\nhost: evil.test",
        "GET /public/x HTTP/1.1\r\nHost: shop.test, evil.test",
        "GET /public/x HTTP/1.1\r\nHost: shop.test/evil",
        "GET /public/x HTTP/1.1\r\nHost: root@shop.test",
        "GET /public/x HTTP/1.1\r\nHost: shop.test:99999",
        "GET /public/x HTTP/1.1\r\nHost: shop.test:x",
        "GET /public/x HTTP/1.1\r\nHost: shop..test",
        "GET /public/x HTTP/1.1\r\nHost: shop test",
        "GET /public/x HTTP/1.1\r\nHost: [::1",
        "GET /public/x HTTP/1.1\r\nHost : shop.test",
        "GET http://evil.test/public/x HTTP/1.1\r\nHost: shop.test",
        "GET http://shop.test/public/x HTTP/1.1",
        "GET http://root@shop.test/public/x HTTP/1.1\r\nHost: shop.test",
        "GET http:///public/x HTTP/1.1\r\nHost: shop.test",
        "GET ftp//shop.test/public/x HTTP/1.1\r\nHost: shop.test",
    ] {
        assert_eq!(ask(&stage, head).status, 400, "{head}");
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn an_absolute_target_is_judged_like_its_path() {
    let stage = Stage::plain();
    let head = "GET http://shop.test/public/x?y HTTP/1.1\r\nHost: shop.test";
    ask(&stage, head).expect(200);
    let received = stage.api.only_request();
    assert_eq!(received.target(), "/public/x?y");
    assert_eq!(received.headers().get("x-forwarded-host"), Some("shop.test"));
    ask(&stage, "GET http://shop.test/api/x HTTP/1.1\r\nHost: shop.test").expect(401);
    ask(&stage, "GET http://shop.test/public/../api HTTP/1.1\r\nHost: shop.test").expect(400);
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn hosts_choose_the_route_in_any_case_and_with_any_port() {
    let routes = "
  - { name: one, hosts: [a.shop.test], paths: [/h], service: other, authenticate: none }
  - { name: all, hosts: [\"*.shop.test\"], paths: [/h], service: api, authenticate: none }";
    let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    let get = |host: &str| ask(&stage, &format!("GET /h HTTP/1.1\r\nHost: {host}")).status;
    for host in ["a.shop.test", "A.SHOP.TEST", "a.shop.test:81", "a.shop.test."] {
        let before = stage.other.hits();
        assert_eq!((get(host), stage.other.hits()), (200, before + 1), "{host}");
    }
    for host in ["b.shop.test", "x.y.shop.test", "shop.test", "evil.test", "a.shop.test.evil.test"]
    {
        let before = stage.other.hits();
        let expected = if host == "b.shop.test" { 200 } else { 404 };
        let status = get(host);
        // Whether a wildcard takes several labels is not what this test is about.
        assert!(status == expected || host.starts_with("x.y."), "{host}: {status}");
        assert_eq!(stage.other.hits(), before, "{host}");
    }
}
