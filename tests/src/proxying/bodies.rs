//! Messages of every kind arrive as they were sent.

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{ok, with};

#[test]
fn the_request_arrives_as_it_was_sent() {
    let stage = Stage::plain();
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let request = Request::new("PATCH", "/public/x?q=%20")
        .with("Content-Type", "application/octet-stream")
        .with("X-Two", "1")
        .with("X-Two", "2")
        .with("Accept-Encoding", "br, gzip")
        .with("User-Agent", "tests")
        .with("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .body(&body);
    stage.exchange(&request).expect(200);
    let received = stage.api.only_request();
    assert_eq!((received.method(), received.target()), ("PATCH", "/public/x?q=%20"));
    assert_eq!(received.message.body, body);
    assert_eq!(received.headers().get("content-length"), Some("100000"));
    assert_eq!(received.headers().all("x-two").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(received.headers().get("accept-encoding"), Some("br, gzip"));
    assert_eq!(received.headers().get("user-agent"), Some("tests"));
    assert!(
        received.headers().get("traceparent").unwrap().contains("4bf92f3577b34da6a3ce929d0e0e4736")
    );
}

#[test]
fn a_chunked_body_arrives_whole_with_its_trailers() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(
        b"PUT /public/x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: Chunked\r\n\
          Trailer: X-Sum\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 13\r\n\r\n",
    );
    connection.response().expect(200);
    let received = stage.api.only_request();
    assert_eq!(received.message.body, b"abc0123456789");
    assert_eq!(received.message.trailers.get("x-sum"), Some("13"));
}

#[test]
fn the_answer_arrives_as_it_was_given() {
    let api = Upstream::answering(|request| match request.target() {
        "/public/length" => {
            with("201 Created", &[("X-A", "1"), ("X-A", "2"), ("Set-Cookie", "a=1")], "body")
        }
        "/public/chunked" => {
            b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
                               3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n"
                .to_vec()
        }
        "/public/empty" => with("200 OK", &[], ""),
        "/public/204" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        "/public/304" => b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n".to_vec(),
        "/public/418" => with("418 Teapot", &[], "short and stout"),
        "/public/500" => with("500 Oops", &[], "oops"),
        _ => ok("?"),
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    let answer = connection.exchange(&Request::get("/public/length")).expect(201);
    assert_eq!(answer.text(), "body");
    assert_eq!(answer.headers().all("x-a").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(answer.header("set-cookie"), Some("a=1"));
    let chunked = connection.exchange(&Request::get("/public/chunked").with("TE", "trailers"));
    assert_eq!((chunked.status, chunked.text()), (200, "abc"));
    assert_eq!(chunked.message.trailers.get("x-sum"), Some("3"));
    for (target, status, body) in [
        ("/public/empty", 200, ""),
        ("/public/204", 204, ""),
        ("/public/304", 304, ""),
        ("/public/418", 418, "short and stout"),
        ("/public/500", 500, "oops"),
    ] {
        let answer = connection.exchange(&Request::get(target)).expect(status);
        assert_eq!(answer.text(), body, "{target}");
    }
}

#[test]
fn a_head_request_has_an_answer_without_a_body() {
    let api = Upstream::answering(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n".to_vec());
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    for _ in 0..3 {
        let answer = connection.exchange(&Request::new("HEAD", "/public/x")).expect(200);
        assert_eq!(answer.header("content-length"), Some("1234"));
    }
    let refused = connection.exchange(&Request::new("HEAD", "/api/x"));
    assert_eq!(refused.status, 401);
    connection.exchange(&Request::new("HEAD", "/public/x")).expect(200);
}

#[test]
fn an_answer_that_ends_with_its_connection_is_whole() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end");
        }
    });
    let stage = Stage::with(api);
    let answer = stage.exchange(&Request::get("/public/x")).expect(200);
    assert_eq!(answer.text(), "until the end");
}

#[test]
fn the_services_hop_by_hop_fields_end_here() {
    let api = Upstream::answering(|_| {
        let fields = [
            ("Connection", "x-hop, keep-alive"),
            ("X-Hop", "1"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Authenticate", "Basic"),
            ("X-End", "2"),
        ];
        with("200 OK", &fields, "{}")
    });
    let stage = Stage::with(api);
    let answer = stage.exchange(&Request::get("/public/x")).expect(200);
    for name in ["x-hop", "keep-alive", "proxy-authenticate"] {
        assert_eq!(answer.header(name), None, "{name}");
    }
    assert_eq!(answer.header("x-end"), Some("2"));
}
