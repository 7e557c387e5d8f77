//! Bodies pass through as they come, in both directions.

use std::sync::mpsc;

use parking_lot::Mutex;

use crate::harness::patience::PATIENCE;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn the_client_sees_the_beginning_before_the_end_is_written() {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let api = Upstream::scripted(move |peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            may_go_on.lock().recv_timeout(PATIENCE).unwrap();
            peer.write(b"4\r\nlast\r\n0\r\n\r\n");
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    assert_eq!(connection.head().unwrap().status, 200);
    assert_eq!(connection.line(), "5\r\n");
    assert_eq!(connection.bytes(7), b"first\r\n");
    go_on.send(()).unwrap();
    assert_eq!(connection.bytes(14), b"4\r\nlast\r\n0\r\n\r\n");
}

#[test]
fn the_service_sees_the_beginning_before_the_end_is_sent() {
    let (saw, has_seen) = mpsc::channel();
    let api = Upstream::scripted(move |peer| {
        let mut request = peer.head().unwrap();
        saw.send(peer.some_bytes()).unwrap();
        peer.body(&mut request);
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(
        b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n\
          5\r\nfirst\r\n",
    );
    assert_eq!(has_seen.recv_timeout(PATIENCE).unwrap(), b"5\r\nfirst\r\n");
    connection.send(b"4\r\nlast\r\n0\r\n\r\n");
    connection.response().expect(200);
    assert_eq!(stage.api.only_request().message.body, b"last");
}

#[test]
fn an_answer_may_come_before_the_request_is_complete() {
    let api = Upstream::scripted(|peer| {
        if peer.head().is_some() {
            peer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nearly");
            peer.wait_until_closed();
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(
        b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1000000\r\n\r\nbegun",
    );
    let answer = connection.response().expect(403);
    assert_eq!(answer.text(), "early");
}

#[test]
fn a_client_that_leaves_in_the_middle_takes_its_request_along() {
    let api = Upstream::scripted(|peer| {
        if let Some(mut request) = peer.head() {
            let is_whole = peer.body(&mut request);
            assert!(!is_whole, "half a body looked like a whole one");
        }
    });
    let stage = Stage::with(api);
    for framing in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let mut connection = stage.connect();
        connection.send(
            format!(
                "POST /public/x HTTP/1.1\r\nHost: shop.test\r\n{framing}\r\n\r\n5\r\nbegun\r\n"
            )
            .as_bytes(),
        );
        stage.api.wait_for_hits(if framing.contains("1000") { 1 } else { 2 });
        drop(connection);
        stage.api.wait_until_left_alone();
    }
}

#[test]
fn a_client_that_leaves_before_the_answer_is_not_waited_for() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    stage.api.wait_for_hits(1);
    drop(connection);
    stage.api.wait_until_left_alone();
}
