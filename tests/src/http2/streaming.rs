//! Nothing is held back: server-sent events arrive as they happen, over both protocols.

use std::sync::mpsc;

use parking_lot::Mutex;

use crate::harness::http2::{Client, Service, request};
use crate::harness::patience::PATIENCE;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// An event stream whose second event comes when the test says so.
fn events() -> (Upstream, mpsc::Sender<()>) {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let api = Upstream::scripted(move |peer| {
        while peer.request().is_some() {
            peer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                  Transfer-Encoding: chunked\r\n\r\nd\r\ndata: first\n\n\r\n",
            );
            may_go_on.lock().recv_timeout(PATIENCE).unwrap();
            peer.write(b"c\r\ndata: last\n\n\r\n0\r\n\r\n");
        }
    });
    (api, go_on)
}

#[test]
fn an_event_arrives_before_the_next_is_made_over_http2() {
    let (api, go_on) = events();
    let stage = Stage::with(api);
    let mut client = Client::to(stage.symbolon.address);
    let accept = [("accept", "text/event-stream")];
    let stream = client.begin(&[&request("GET", "/public/x"), &accept[..]].concat(), "", false);
    assert_eq!(client.some(stream), b"data: first\n\n");
    go_on.send(()).unwrap();
    assert_eq!(client.some(stream), b"data: last\n\n");
    client.answer(stream).expect(200);
}

#[test]
fn an_event_arrives_before_the_next_is_made_over_http1() {
    let (api, go_on) = events();
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    connection.send(b"GET /public/x HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    assert_eq!(connection.head().unwrap().status, 200);
    assert!(connection.line().eq_ignore_ascii_case("D\r\n"));
    assert_eq!(connection.bytes(13), b"data: first\n\n");
    go_on.send(()).unwrap();
    let last = connection.bytes(2 + 3 + 12);
    assert!(last.eq_ignore_ascii_case(b"\r\nC\r\ndata: last\n\n"));
}

#[test]
fn an_event_of_a_service_that_speaks_http2_arrives_before_its_end() {
    let service = Service::start();
    let stage = Stage::set(&super::upstream::settings(&service), Upstream::plain());
    let mut client = Client::to(stage.symbolon.address);
    let stream = client.begin(&request("GET", "/two/first"), "", false);
    assert_eq!(client.some(stream), b"data: first\n\n");
    // Nobody listens any more: the service is told so.
    client.reset(stream);
    service.wait_for(1, "reset");
}

#[test]
fn a_body_goes_up_as_it_comes() {
    let (saw, has_seen) = mpsc::channel();
    let api = Upstream::scripted(move |peer| {
        if let Some(mut request) = peer.head() {
            saw.send(peer.some_bytes()).unwrap();
            peer.body(&mut request);
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let stage = Stage::set(&Settings::default(), api);
    let mut client = Client::to(stage.symbolon.address);
    let stream = client.begin(&request("POST", "/public/x"), "first", true);
    assert_eq!(has_seen.recv_timeout(PATIENCE).unwrap(), b"5\r\nfirst\r\n");
    client.data(stream, b"last", true);
    client.answer(stream).expect(200);
    assert_eq!(stage.api.only_request().message.body, b"last");
}
