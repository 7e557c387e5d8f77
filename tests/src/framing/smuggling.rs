//! Requests whose end is in doubt: a second one, hidden in the first, never reaches a service.

use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// What is hidden. It would be answered 200 and be seen by the service if it ever became one.
const HIDDEN: &str = "GET /public/hidden HTTP/1.1\r\nHost: shop.test\r\n\r\n";

/// Heads whose framing has two readings; each is followed by a body that ends early in one of
/// them.
const DOUBTFUL: &[&str] = &[
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 5, 5",
    "Content-Length: 5, 6",
    "Content-Length: +5",
    "Content-Length: -5",
    "Content-Length: 0x5",
    "Content-Length: 5 5",
    "Content-Length: 5_0",
    "Content-Length: 99999999999999999999",
    "Content-Length: five",
    "Content-Length:",
    "Content-Length : 5",
    "Content-Length\t: 5",
    " Content-Length: 5",
    "X: y\r\n Content-Length: 5",
    "X: y\r\n\tTransfer-Encoding: chunked",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: chunked;x=y",
    "Transfer-Encoding: \u{b}chunked",
    "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding : chunked",
    "Transfer_Encoding: chunked\r\nContent-Length: 5\r\nContent-Length: 3",
    "Transfer-Encoding: chunked\r\r\nX: y",
    "Content-Length: 5\rX: y",
    "X: y\0\r\nTransfer-Encoding: chunked",
    "No colon at all",
    ": empty name",
    "Bad(name): x",
];

#[test]
fn a_request_in_doubt_is_refused_and_ends_its_connection() {
    let stage = Stage::plain();
    let mut wrong = Vec::new();
    for fields in DOUBTFUL {
        let mut connection = stage.connect();
        let head = format!("POST /public/first HTTP/1.1\r\nHost: shop.test\r\n{fields}\r\n\r\n");
        connection.send(format!("{head}0\r\n\r\n{HIDDEN}").as_bytes());
        let answers = String::from_utf8_lossy(&connection.rest()).into_owned();
        let is_refused = answers.starts_with("HTTP/1.1 400 ");
        if !is_refused || answers.matches("HTTP/1.1 ").count() != 1 {
            wrong.push((*fields, answers));
        }
    }
    assert!(wrong.is_empty(), "not refused, or not the end: {wrong:#?}");
    assert_eq!(stage.api.hits(), 0, "{:?}", stage.api.requests());
}

#[test]
fn with_a_length_and_chunks_the_chunks_count_and_the_connection_ends() {
    let stage = Stage::plain();
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
        "Transfer-Encoding: chunked\nContent-Length: 5",
        "Content-Length: 4\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
    ] {
        let mut connection = stage.connect();
        let head = format!("POST /public/first HTTP/1.1\r\nHost: shop.test\r\n{fields}\r\n\r\n");
        connection.send(format!("{head}0\r\n\r\n{HIDDEN}").as_bytes());
        // RFC 9112 section 6.3, rule 3: refused, or read as chunks and closed. Nothing else.
        let answers = String::from_utf8_lossy(&connection.rest()).into_owned();
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{fields:?}: {answers}");
    }
    for received in stage.api.requests() {
        assert_eq!((received.target(), received.message.body_length), ("/public/first", 0));
        assert!(
            !received.headers().has("content-length")
                || !received.headers().has("transfer-encoding")
        );
    }
}

#[test]
fn two_equal_lengths_are_refused_or_one() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(
        b"POST /public/first HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\
          Content-Length: 5\r\n\r\nhello",
    );
    let answer = connection.response();
    assert!(matches!(answer.status, 200 | 400), "{answer:?}");
    for received in stage.api.requests() {
        assert_eq!(received.headers().get("content-length"), Some("5"));
    }
}

/// Bodies that no parser may make sense of.
const BAD_CHUNKS: &[&str] = &[
    "-1\r\n",
    "+1\r\nx\r\n0\r\n\r\n",
    "0x1\r\nx\r\n0\r\n\r\n",
    "1 1\r\nx\r\n0\r\n\r\n",
    "g\r\nx\r\n0\r\n\r\n",
    "\r\n0\r\n\r\n",
    "1\r\nxy\r\n0\r\n\r\n",
    "2\r\nx\r\n0\r\n\r\n",
    "1\nx\n0\n\n",
    "1\r\nx\r0\r\n\r\n",
    "10000000000000000\r\nx\r\n0\r\n\r\n",
    "ffffffffffffffffff\r\nx\r\n",
    "1;a\nb\r\nx\r\n0\r\n\r\n",
    "1;\r\r\nx\r\n0\r\n\r\n",
    "1\r\nx0\r\n\r\n",
    "1\r\nx\r\n0\r\n\n",
    "1\r\nx\r\n0\r\nX-Sum: 1\n\n",
];

#[test]
fn a_body_with_bad_chunks_hides_nothing() {
    let stage = Stage::plain();
    for body in BAD_CHUNKS {
        let mut connection = stage.connect();
        let head =
            "POST /public/first HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n";
        connection.send(format!("{head}{body}{HIDDEN}").as_bytes());
        let answers = String::from_utf8_lossy(&connection.rest()).into_owned();
        assert!(!answers.contains(" 200 "), "{body:?}: {answers}");
    }
    let hidden: Vec<_> =
        stage.api.requests().into_iter().filter(|r| r.target() != "/public/first").collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

#[test]
fn a_bare_line_feed_hides_nothing() {
    let stage = Stage::plain();
    for request in [
        "POST /public/first HTTP/1.1\nHost: shop.test\nContent-Length: 0\n\n",
        "POST /public/first HTTP/1.1\r\nHost: shop.test\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /public/first HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\n\r\nhi",
    ] {
        let mut connection = stage.connect();
        connection.send(request.as_bytes());
        // RFC 9112 section 2.2 allows to take a bare line feed for a line end, and to refuse it.
        let answer = connection.response();
        assert!(matches!(answer.status, 200 | 400), "{request:?}: {answer:?}");
    }
    for received in stage.api.requests() {
        assert_eq!(received.target(), "/public/first");
        assert!(!received.headers().iter().any(|(_, value)| value.contains(['\r', '\n'])));
    }
}

#[test]
fn pipelined_requests_are_judged_one_by_one() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let with_cookie = alice.dress(crate::harness::http::Request::get("/api/1")).to_bytes();
    let without = b"GET /api/2 HTTP/1.1\r\nHost: shop.test\r\n\r\n";
    let public = b"POST /public/3 HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nhi";
    let mut connection = stage.connect();
    connection.send(&[&with_cookie[..], without, public, without].concat());
    let statuses: Vec<u16> = (0..4).map(|_| connection.response().status).collect();
    assert_eq!(statuses, [200, 401, 200, 401]);
    let targets: Vec<String> =
        stage.api.requests().iter().map(|request| request.target().to_owned()).collect();
    assert_eq!(targets, ["/api/1", "/public/3"]);
}

#[test]
fn chunk_extensions_are_left_out() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(
        b"POST /public/first HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n\
          2;name=value;x=\"y\"\r\nhi\r\n0;last\r\n\r\n",
    );
    let answer = connection.response();
    assert!(matches!(answer.status, 200 | 400), "{answer:?}");
    if answer.status == 200 {
        assert_eq!(stage.api.only_request().message.body, b"hi");
    }
}

#[test]
fn the_rest_of_a_body_that_was_answered_early_is_no_request() {
    let api = Upstream::scripted(|peer| {
        while peer.head().is_some() {
            peer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nearly");
        }
    });
    let stage = Stage::with(api);
    for framing in ["Content-Length: 5000", "Transfer-Encoding: chunked"] {
        let mut connection = stage.connect();
        connection.send(
            format!("POST /public/first HTTP/1.1\r\nHost: shop.test\r\n{framing}\r\n\r\n")
                .as_bytes(),
        );
        assert_eq!(connection.response().expect(403).text(), "early");
        // The client goes on with its body, which looks like requests.
        for _ in 0..5 {
            let _ = connection.try_send(HIDDEN.as_bytes());
        }
        let _ = connection.try_response("GET");
    }
    let targets: Vec<String> =
        stage.api.requests().iter().map(|request| request.target().to_owned()).collect();
    assert!(targets.iter().all(|target| target == "/public/first"), "{targets:?}");
}

#[test]
fn the_rest_of_a_refused_body_is_no_request() {
    let stage = Stage::plain();
    let body = format!("{HIDDEN}{HIDDEN}");
    let mut connection = stage.connect();
    let head = format!(
        "POST /api/refused HTTP/1.1\r\nHost: shop.test\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.send(format!("{head}{body}").as_bytes());
    connection.response().expect(401);
    // The connection may go on; then the next request is this one and not what the body held.
    if connection.try_send(b"GET /public/next HTTP/1.1\r\nHost: shop.test\r\n\r\n").is_ok() {
        let _ = connection.try_response("GET");
    }
    let targets: Vec<String> =
        stage.api.requests().iter().map(|request| request.target().to_owned()).collect();
    assert!(targets.iter().all(|target| target == "/public/next"), "{targets:?}");
}
