//! More than anybody may send: refused with the status that says so, before a service hears of it.

use crate::harness::http::Request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn limited(limits: &str) -> Stage {
    let settings = Settings { sections: format!("limits: {{ {limits} }}"), ..Settings::default() };
    Stage::set(&settings, Upstream::plain())
}

#[test]
fn a_long_target_is_414() {
    let stage = limited("target: 1KiB");
    let long = format!("/public/{}", "x".repeat(1100));
    stage.exchange(&Request::get(&long)).expect(414);
    stage.exchange(&Request::get(&format!("/public/?{}", "x".repeat(1100)))).expect(414);
    assert_eq!(stage.api.hits(), 0);
    stage.exchange(&Request::get(&format!("/public/{}", "x".repeat(1000)))).expect(200);
}

#[test]
fn a_long_head_is_431() {
    let stage = limited("head: 16KiB");
    let long = Request::get("/public/x").with("X-Long", &"x".repeat(20 * 1024));
    stage.exchange(&long).expect(431);
    let endless = "x".repeat(2 * 1024 * 1024);
    let mut connection = stage.connect();
    let _ = connection.try_send(format!("GET /public/{endless}").as_bytes());
    if let Ok(answer) = connection.try_response("GET") {
        assert!(matches!(answer.status, 414 | 431), "{answer:?}");
    }
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn many_headers_are_431() {
    let stage = limited("headers: 50");
    let many = (0..60).fold(Request::get("/public/x"), |request, number| {
        request.with(&format!("X-{number}"), "1")
    });
    stage.exchange(&many).expect(431);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn an_announced_body_is_refused_before_it_is_sent() {
    let stage = limited("body: 1KiB");
    let mut connection = stage.connect();
    connection.send(b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1025\r\n\r\n");
    connection.response().expect(413);
    let mut patient = stage.connect();
    patient.send(
        b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1025\r\n\
          Expect: 100-continue\r\n\r\n",
    );
    assert_eq!(patient.head().unwrap().status, 413);
    assert_eq!(stage.api.hits(), 0);
    stage.exchange(&Request::post("/public/x").body(&[b'x'; 1024])).expect(200);
}

#[test]
fn a_body_that_grows_too_long_is_cut_off() {
    let stage = limited("body: 1KiB");
    let mut connection = stage.connect();
    connection
        .send(b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = format!("200\r\n{}\r\n", "x".repeat(512));
    for _ in 0..3 {
        let _ = connection.try_send(chunk.as_bytes());
    }
    connection.response().expect(413);
    // The service may have seen the beginning; it must not take it for the whole.
    stage.api.wait_until_left_alone();
    for received in stage.api.requests() {
        assert!(received.message.body_length <= 1024, "{received:?}");
    }
}

#[test]
fn a_route_has_its_own_limit() {
    let routes = "
  - { name: small, paths: [/small], service: api, authenticate: none, max_body: 10B }";
    let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::post("/small").body(b"0123456789")).expect(200);
    stage.exchange(&Request::post("/small").body(b"0123456789x")).expect(413);
    stage.exchange(&Request::post("/public/x").body(b"0123456789x")).expect(200);
    assert_eq!(stage.api.hits(), 2);
}
