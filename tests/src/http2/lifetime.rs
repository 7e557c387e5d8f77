//! How a connection begins, how long it may do nothing, and how it ends.

use std::sync::mpsc;
use std::thread;

use parking_lot::Mutex;

use crate::harness::http2::frames::{
    DATA, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, RST_STREAM, Raw, SETTINGS, WINDOW_UPDATE,
    frame, headers,
};
use crate::harness::http2::{Client, request};
use crate::harness::patience::{PATIENCE, eventually};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn impatient() -> Settings {
    let sections = "limits: { head_timeout: 1s, body_timeout: 1s }".to_owned();
    Settings { sections, ..Settings::default() }
}

fn get(stream: u32, path: &str) -> Vec<u8> {
    headers(stream, END_STREAM, &request("GET", path))
}

/// A service that never answers.
fn silent() -> Upstream {
    Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    })
}

/// An answer that is longer than any buffer.
fn endless() -> Upstream {
    Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            let piece = vec![b'x'; 1 << 20];
            (0..95).for_each(|_| peer.write(&piece));
            peer.wait_until_closed();
        }
    })
}

#[test]
fn the_preface_may_come_in_pieces() {
    let stage = Stage::plain();
    let mut raw = Raw::silent(stage.symbolon.address);
    for byte in [PREFACE, &frame(SETTINGS, 0, 0, b""), &get(1, "/public/x")].concat() {
        raw.send(&[byte]).unwrap();
        raw.wait_until_read();
    }
    assert_eq!(raw.frame().unwrap().kind, SETTINGS);
    let head = raw.wait_for(HEADERS).unwrap();
    // The first byte is `:status 200` in the static table.
    assert_eq!((head.stream, head.payload[0]), (1, 0x88));
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn a_post_that_begins_like_a_preface_is_whole() {
    let stage = Stage::plain();
    let head = "POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 50000\r\n\r\n";
    let mut raw = Raw::silent(stage.symbolon.address);
    raw.send(&head.as_bytes()[..1]).unwrap();
    raw.wait_until_read();
    raw.send(&[&head.as_bytes()[1..], &vec![b'x'; 50_000]].concat()).unwrap();
    stage.api.wait_for_hits(1);
    eventually("the body", || {
        (stage.api.only_request().message.body_length == 50_000).then_some(())
    });
}

#[test]
fn a_preface_after_a_request_is_none() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    connection.response().expect(200);
    connection.send(&[PREFACE, &frame(SETTINGS, 0, 0, b""), &get(1, "/public/x")].concat());
    let rest = connection.rest();
    assert!(!rest.contains(&0x88), "{rest:?}");
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn who_says_nothing_is_not_waited_for() {
    let stage = Stage::set(&impatient(), Upstream::plain());
    for beginning in [&b""[..], b"PRI * HT", PREFACE, &[PREFACE, &[0, 0, 9, 4]].concat()] {
        let mut raw = Raw::silent(stage.symbolon.address);
        raw.send(beginning).unwrap();
        raw.wait_until_closed();
    }
    // One that goes on answering, too, and is told so.
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    raw.send(&get(1, "/public/x")).unwrap();
    let goaway = raw.wait_for(GOAWAY).unwrap();
    assert_eq!(goaway.payload[4..8], [0; 4]);
    raw.wait_until_closed();
}

#[test]
fn who_is_gone_without_a_word_is_found_out() {
    let stage = Stage::set(&impatient(), silent());
    let mut raw = Raw::to(stage.symbolon.address, &[]).deaf();
    raw.send(&get(1, "/public/x")).unwrap();
    stage.api.wait_for_hits(1);
    assert!(raw.wait_for(PING).is_some());
    raw.wait_until_closed();
    stage.api.wait_until_left_alone();
    // One that answers may go on waiting.
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    raw.send(&get(1, "/public/x")).unwrap();
    for _ in 0..4 {
        assert!(raw.wait_for(PING).is_some());
    }
}

#[test]
fn who_never_opens_its_window_is_cut_off() {
    let stage = Stage::set(&impatient(), endless());
    let initial_window = (4, 0);
    let mut raw = Raw::to(stage.symbolon.address, &[initial_window]);
    raw.send(&get(1, "/public/x")).unwrap();
    stage.api.wait_for_hits(1);
    assert_eq!(raw.wait_for(RST_STREAM).unwrap().stream, 1);
    stage.api.wait_until_left_alone();
}

#[test]
fn who_opens_its_window_by_bytes_is_cut_off() {
    let stage = Stage::set(&impatient(), endless());
    let mut raw = Raw::to(stage.symbolon.address, &[(4, 0)]);
    raw.send(&get(1, "/public/x")).unwrap();
    let mut slow = raw.another();
    let dripping = thread::spawn(move || {
        // A byte each time: less than a piece of the answer within the time for one.
        while slow.send(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1])).is_ok() {
            thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    assert_eq!(raw.wait_for(RST_STREAM).unwrap().stream, 1);
    stage.api.wait_until_left_alone();
    drop(raw);
    dripping.join().unwrap();
}

#[test]
fn who_stops_sending_its_body_is_cut_off() {
    let stage = Stage::set(&impatient(), Upstream::plain());
    let mut client = Client::to(stage.symbolon.address);
    let stream = client.begin(&request("POST", "/public/x"), "begun", true);
    client.answer(stream).expect(408);
    stage.api.wait_until_left_alone();
}

#[test]
fn what_is_under_way_is_finished_at_the_end() {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let mut stage = Stage::with(Upstream::scripted(move |peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
            may_go_on.lock().recv_timeout(PATIENCE).unwrap();
            peer.write(b"rest");
        }
    }));
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    raw.send(&get(1, "/public/x")).unwrap();
    assert_eq!(raw.wait_for(DATA).unwrap().payload, b"half");
    stage.symbolon.program().signal("TERM");
    assert_eq!(raw.wait_for(GOAWAY).unwrap().payload[4..8], [0; 4]);
    go_on.send(()).unwrap();
    assert_eq!(raw.wait_for(DATA).unwrap().payload, b"rest");
    raw.wait_until_closed();
    assert!(stage.symbolon.wait().success());
}
