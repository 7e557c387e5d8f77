//! Methods and versions that a gateway has no use for.

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn trace_and_connect_reach_nobody() {
    let stage = Stage::plain();
    for line in [
        "TRACE /public/x HTTP/1.1",
        "CONNECT shop.test:80 HTTP/1.1",
        "CONNECT /public/x HTTP/1.1",
        "PRI * HTTP/2.0",
    ] {
        let mut connection = stage.connect();
        connection.send(format!("{line}\r\nHost: shop.test\r\n\r\n").as_bytes());
        // Closing without a word is an answer, too.
        if let Ok(answer) = connection.try_response("GET") {
            assert!(matches!(answer.status, 400 | 405 | 501), "{line}: {answer:?}");
        }
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn a_method_outside_the_list_is_told_which_there_are() {
    let routes = "
  - { name: listed, paths: [/listed], methods: [GET, POST], service: api, authenticate: none }";
    let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    for method in ["PUT", "DELETE", "get", "Get", "OPTIONS", "PROPFIND"] {
        let answer = stage.exchange(&Request::new(method, "/listed")).expect(405);
        let allowed = answer.header("allow").unwrap();
        assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    }
    assert_eq!(stage.api.hits(), 0);
    stage.exchange(&Request::post("/listed").body(b"")).expect(200);
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.0\r\nHost: shop.test\r\n\r\n");
    connection.response().expect(200);
    assert_eq!(connection.rest(), b"");
    assert_eq!(stage.api.hits(), 1);

    let mut smuggler = stage.connect();
    smuggler.send(
        b"POST /public/x HTTP/1.0\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
    smuggler.response().expect(400);
    assert_eq!(stage.api.hits(), 1);
}
