//! What a client of HTTP/1.1 may rely on, on its side of the gateway.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use crate::harness::http::Request;
use crate::harness::http2::frames::Raw;
use crate::harness::patience::{PATIENCE, now};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

#[test]
fn a_head_may_come_in_pieces() {
    let stage = Stage::plain();
    let head = b"\r\nPOST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nhi";
    let mut raws = Vec::new();
    for cut in 1..head.len() {
        let mut raw = Raw::silent(stage.symbolon.address);
        raw.send(&head[..cut]).unwrap();
        raw.wait_until_read();
        raw.send(&head[cut..]).unwrap();
        raws.push(raw);
    }
    let mut raw = Raw::silent(stage.symbolon.address);
    for byte in head {
        raw.send(&[*byte]).unwrap();
        raw.wait_until_read();
    }
    stage.api.wait_for_hits(head.len());
    assert!(stage.api.requests().iter().all(|received| received.message.body == b"hi"));
}

#[test]
fn an_unfinished_head_is_408_and_silence_is_nothing() {
    let settings =
        Settings { sections: "limits: { head_timeout: 1s }".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut slow = stage.connect();
    slow.send(b"GET /public/x HTTP/1.1\r\nHost: sh");
    let answer = slow.response().expect(408);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(stage.connect().rest(), b"");
    // Between requests too.
    let mut kept = stage.connect();
    kept.exchange(&Request::get("/public/x")).expect(200);
    assert_eq!(kept.rest(), b"");
}

#[test]
fn what_is_no_request_is_told_so_with_its_id() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nHost : shop.test\r\n\r\n");
    let answer = connection.response().expect(400);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
    assert_eq!(connection.rest(), b"");
}

#[test]
fn whoever_is_refused_while_sending_gets_to_read_it() {
    let stage = Stage::plain();
    for _ in 0..20 {
        let mut connection = stage.connect();
        let head = "POST /api/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 200000\r\n\r\n";
        connection.send(&[head.as_bytes(), &vec![b'x'; 100_000]].concat());
        // What is still sent must not reset the connection under the answer.
        connection.send(&vec![b'x'; 100_000]);
        let answer = connection.response().expect(401);
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(connection.rest(), b"");
    }
}

#[test]
fn a_large_upload_that_is_refused_is_heard_out() {
    let stage = Stage::plain();
    for (length, status) in [(8 << 20, 401), (32 << 20, 413)] {
        let mut connection = stage.connect();
        let head =
            format!("POST /api/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: {length}\r\n\r\n");
        connection.send(head.as_bytes());
        // As most clients do: first everything, then the answer.
        connection.send(&vec![b'x'; length]);
        connection.response().expect(status);
        assert_eq!(connection.rest(), b"");
    }
}

#[test]
fn an_end_does_not_wait_for_an_upload_that_is_refused() {
    let mut stage = Stage::plain();
    let mut connection = stage.connect();
    let head = "POST /api/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 9000000000\r\n\r\n";
    connection.send(head.as_bytes());
    connection.response().expect(413);
    let sending = thread::spawn(move || while connection.try_send(b"more").is_ok() {});
    let began = now();
    assert!(stage.symbolon.stop().success());
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    sending.join().unwrap();
}

#[test]
fn a_small_body_that_was_refused_does_not_cost_the_connection() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    for _ in 0..3 {
        let answer = connection.exchange(&Request::post("/api/x").body(b"small")).expect(401);
        assert_eq!(answer.header("connection"), None);
    }
    connection.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn an_old_client_may_keep_its_connection_or_not() {
    let stage = Stage::plain();
    let mut kept = stage.connect();
    for _ in 0..2 {
        kept.send(b"GET /public/x HTTP/1.0\r\nHost: shop.test\r\nConnection: keep-alive\r\n\r\n");
        assert_eq!(kept.response().expect(200).header("connection"), Some("keep-alive"));
    }
    let mut closed = stage.connect();
    closed.send(b"GET /public/x HTTP/1.0\r\nHost: shop.test\r\n\r\n");
    closed.response().expect(200);
    assert_eq!(closed.rest(), b"");
}

#[test]
fn an_old_client_gets_no_chunks() {
    let api = Upstream::answering(|_| {
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_vec()
    });
    let stage = Stage::with(api);
    let mut old = stage.connect();
    old.send(b"GET /public/x HTTP/1.0\r\nHost: shop.test\r\nConnection: keep-alive\r\n\r\n");
    let all = String::from_utf8(old.rest()).unwrap();
    assert!(all.ends_with("\r\n\r\nhello") && !all.contains("chunked"), "{all}");
}

#[test]
fn every_answer_has_a_date_and_a_service_may_say_its_own() {
    let stage = Stage::plain();
    let date = stage.exchange(&Request::get("/api/x")).expect(401);
    assert!(date.header("date").is_some_and(|date| date.ends_with(" GMT")), "{date:?}");
    let dated =
        b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n";
    let stage = Stage::with(Upstream::answering(move |_| dated.to_vec()));
    let answer = stage.exchange(&Request::get("/public/x")).expect(200);
    let said: Vec<_> = answer.headers().all("date").collect();
    assert_eq!(said, ["Sun, 06 Nov 1994 08:49:37 GMT"]);
}

#[test]
fn many_requests_sent_ahead_are_answered_in_their_order() {
    let stage = Stage::with(Upstream::answering(|request| ok(request.target())));
    let mut connection = stage.connect();
    let ahead: Vec<u8> =
        (0..500).flat_map(|number| Request::get(&format!("/public/{number}")).to_bytes()).collect();
    connection.send(&ahead);
    for number in 0..500 {
        assert_eq!(connection.response().expect(200).text(), format!("/public/{number}"));
    }
}

#[test]
fn an_answer_that_is_the_last_arrives_whatever_was_sent_behind_its_request() {
    const LENGTH: usize = 16 << 20;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
    let answer = [head.into_bytes(), vec![b'x'; LENGTH]].concat();
    let stage = Stage::with(Upstream::answering(move |_| answer.clone()));
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n");
    assert_eq!(connection.head().unwrap().status, 200);
    // The answer is stuck by now, and nobody reads this.
    connection.send(&b"\r\n".repeat(20_000));
    assert_eq!(connection.rest().len(), LENGTH);
}

#[test]
fn an_answer_before_the_body_has_come_is_the_last_and_says_so() {
    let api = Upstream::scripted(|peer| {
        while peer.head().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3\r\n\r\n");
    let answer = connection.response().expect(200);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(connection.rest(), b"");
}

#[test]
fn an_upgrade_in_http_1_0_or_with_a_body_is_none() {
    let stage = Stage::plain();
    let websocket = "Host: shop.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n";
    for (version, more) in [("1.0", ""), ("1.1", "Content-Length: 2\r\n")] {
        let mut connection = stage.connect();
        connection
            .send(format!("GET /public/x HTTP/{version}\r\n{websocket}{more}\r\nhi").as_bytes());
        connection.response().expect(200);
    }
    for received in stage.api.requests() {
        assert!(!received.headers().has("upgrade") && !received.headers().has("connection"));
    }
}

#[test]
fn an_answer_that_breaks_off_does_not_look_whole_to_an_old_client() {
    let (break_off, may_break_off) = mpsc::channel::<()>();
    let may_break_off = Mutex::new(may_break_off);
    let api = Upstream::scripted(move |peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            may_break_off.lock().recv_timeout(PATIENCE).unwrap();
        }
    });
    let stage = Stage::with(api);
    let mut old = stage.connect();
    old.send(b"GET /public/x HTTP/1.0\r\nHost: shop.test\r\n\r\n");
    assert_eq!(old.head().unwrap().status, 200);
    assert_eq!(old.bytes(5), b"hello");
    break_off.send(()).unwrap();
    let rest = std::io::Read::read_to_end(&mut old.stream(), &mut Vec::new());
    assert_eq!(rest.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}
