//! Bodies that break off are not bodies that have ended: what a service still waits for must never
//! be the beginning of somebody else's request.

use std::sync::mpsc::channel;

use parking_lot::Mutex;

use crate::harness::http::Request;
use crate::harness::http2::frames::{DATA, RST_STREAM, Raw, frame, headers};
use crate::harness::http2::request;
use crate::harness::patience::PATIENCE;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

/// `NO_ERROR` (RFC 9113 section 7): a reset that says that nothing is wrong.
const NO_ERROR: [u8; 4] = [0; 4];

#[test]
fn a_reset_that_says_no_error_is_no_end_of_a_body() {
    let (told, whole) = channel();
    let api = Upstream::scripted(move |peer| {
        if let Some(mut request) = peer.head() {
            told.send(peer.body(&mut request)).unwrap();
        }
    });
    let stage = Stage::with(api);
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    let head = headers(1, 0, &request("PUT", "/public/x"));
    raw.send(&[head, frame(DATA, 0, 1, b"first half")].concat()).unwrap();
    stage.api.wait_for_hits(1);
    raw.send(&frame(RST_STREAM, 0, 1, &NO_ERROR)).unwrap();
    assert!(!whole.recv_timeout(PATIENCE).unwrap(), "half of it was taken for all of it");
}

/// Reset and early answer have to come at nearly the same moment, so it is tried again and again.
#[test]
fn what_is_owed_of_a_body_is_not_taken_out_of_the_next_request() {
    const ROUNDS: u32 = 200;
    let ((half, has_half), (told, owed)) = (channel(), channel());
    let (now, answers) = channel::<()>();
    let answers = Mutex::new(answers);
    let api = Upstream::scripted(move |peer| {
        while let Some(request) = peer.head() {
            if request.method() != "POST" {
                peer.write(&answer::ok("{}"));
                continue;
            }
            if peer.exactly(50).is_none() {
                return;
            }
            half.send(()).unwrap();
            // Answered early, while 50 more are to come: whatever comes now would be those.
            answers.lock().recv().unwrap();
            peer.write(b"HTTP/1.1 204 No Content\r\n\r\n");
            told.send(peer.some_bytes()).unwrap();
            return;
        }
    });
    let stage = Stage::with(api);
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    for round in 0..ROUNDS {
        let number = round % 10;
        if number == 0 {
            raw = Raw::to(stage.symbolon.address, &[]);
        }
        let stream = 1 + 2 * number;
        let fields = [&request("POST", "/public/x")[..], &[("content-length", "100")]].concat();
        let part = frame(DATA, 0, stream, &[b'a'; 50]);
        raw.send(&[headers(stream, 0, &fields), part].concat()).unwrap();
        has_half.recv_timeout(PATIENCE).unwrap();
        let mut other = stage.connect();
        raw.send(&frame(RST_STREAM, 0, stream, &NO_ERROR)).unwrap();
        now.send(()).unwrap();
        other.exchange(&Request::get("/public/somebody-else")).expect(200);
        let bytes = owed.recv_timeout(PATIENCE).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), "", "taken for the rest of a body, {round}");
    }
}
