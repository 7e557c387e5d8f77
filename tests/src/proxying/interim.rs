//! `100 Continue` and its like (RFC 9110 section 15.2).

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

const PATIENT: &[u8] = b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 4\r\n\
                         Expect: 100-continue\r\n\r\n";

#[test]
fn a_client_that_waits_is_told_to_go_on() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(PATIENT);
    assert_eq!(connection.head().unwrap().status, 100);
    connection.send(b"body");
    connection.response().expect(200);
    assert_eq!(stage.api.only_request().message.body, b"body");
}

#[test]
fn a_client_that_is_refused_need_not_send_its_body() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    let patient = String::from_utf8_lossy(PATIENT).replace("/public/x", "/api/x");
    connection.send(patient.as_bytes());
    assert_eq!(connection.head().unwrap().status, 401);
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn an_unknown_expectation_is_refused() {
    let stage = Stage::plain();
    let answer = stage.exchange(&Request::post("/public/x").with("Expect", "miracles").body(b"x"));
    assert!(matches!(answer.status, 400 | 417), "{answer:?}");
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn interim_answers_do_not_disturb_the_final_one() {
    let api = Upstream::answering(|_| {
        let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n\
                        HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
        [&interim[..], &ok("final")].concat()
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    for _ in 0..3 {
        let answer = connection.exchange(&Request::get("/public/x")).expect(200);
        assert_eq!(answer.text(), "final");
    }
    assert_eq!(stage.api.connections(), 1);
}
