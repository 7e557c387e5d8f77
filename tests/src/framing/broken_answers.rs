//! Services that answer wrongly: the client gets 502 or a connection that breaks, never the next
//! client's answer, and the connection to the service is not used again.

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

/// Heads that are no answer.
const NO_ANSWER: &[&str] = &[
    "",
    "hello",
    "garbage\r\n\r\n",
    "HTTP/1.1 200",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 abc OK\r\n\r\n",
    "HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nxx",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "HTTP/1.1 099 Early\r\n\r\n",
];

#[test]
fn what_is_no_answer_becomes_502() {
    for broken in NO_ANSWER {
        let api = Upstream::scripted(move |peer| {
            if peer.request().is_some() {
                peer.write(broken.as_bytes());
            }
        });
        let stage = Stage::with(api);
        let answer = stage.exchange(&Request::post("/public/x").body(b"hi"));
        assert_eq!(answer.status, 502, "{broken:?}: {answer:?}");
        assert_eq!(answer.json()["code"], "bad_gateway", "{broken:?}");
        assert_eq!(stage.api.hits(), 1, "a POST is not tried again: {broken:?}");
    }
}

#[test]
fn a_broken_body_breaks_the_answer_off() {
    for broken in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!!\r\n0\r\n\r\n",
    ] {
        let api = Upstream::scripted(move |peer| {
            if peer.request().is_some() {
                peer.write(broken.as_bytes());
            }
        });
        let stage = Stage::with(api);
        let mut connection = stage.connect();
        connection.send(&Request::get("/public/x").to_bytes());
        let outcome = connection.try_response("GET");
        // Whoever has the head already must see that the rest is missing.
        let is_told = outcome.as_ref().is_ok_and(|answer| answer.status == 502);
        assert!(is_told || outcome.is_err(), "{broken:?}: {outcome:?}");
    }
}

#[test]
fn bytes_after_an_answer_are_nobodys_answer() {
    let planted = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted";
    let api = Upstream::answering(move |_| [&answer::ok("mine")[..], planted.as_bytes()].concat());
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    for number in 0..20 {
        let answer = connection.exchange(&Request::get(&format!("/public/{number}"))).expect(200);
        assert_eq!(answer.text(), "mine");
    }
    // Every connection is in doubt after its first answer.
    assert_eq!((stage.api.hits(), stage.api.connections()), (20, 20));
}

#[test]
fn a_body_where_none_may_be_is_nobodys_answer() {
    for (method, status) in
        [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
    {
        let api = Upstream::answering(move |_| {
            format!("HTTP/1.1 {status}\r\nX-Length: 7\r\n\r\nplanted").into_bytes()
        });
        let stage = Stage::with(api);
        let mut connection = stage.connect();
        for number in 0..5 {
            let request = Request::new(method, &format!("/public/{number}"));
            let answer = connection.exchange(&request);
            assert_eq!(answer.status.to_string(), status[..3], "{method}");
        }
    }
}

#[test]
fn interim_answers_without_end_do_not_go_on_for_ever() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            for _ in 0..100_000 {
                peer.write(b"HTTP/1.1 102 Processing\r\n\r\n");
            }
            peer.write(&answer::ok("late"));
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(&Request::get("/public/x").to_bytes());
    // Either it gives up, or it passes all of them over; what counts is that it stays alive.
    let status = connection.response().status;
    assert!(matches!(status, 200 | 502), "{status}");
    stage.symbolon.log();
    assert_eq!(stage.exchange(&Request::get("/nowhere")).status, 404);
}

#[test]
fn an_endless_head_is_cut_off() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\n");
            for _ in 0..100_000 {
                peer.write(b"X-More: 0123456789012345678901234567890123456789\r\n");
            }
            peer.wait_until_closed();
        }
    });
    let stage = Stage::with(api);
    stage.exchange(&Request::get("/public/x")).expect(502);
}
