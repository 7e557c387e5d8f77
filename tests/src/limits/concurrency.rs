//! `max_concurrent`: a place is taken until the last byte has gone.

use crate::harness::http::Request;
use crate::harness::patience::{Deadline, PATIENCE};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const ROUTES: &str = "
  - { name: few, paths: [/few], service: api, authenticate: [session], max_concurrent: 1 }
  - { name: sockets, paths: [/sockets], service: api, authenticate: none, max_concurrent: 1 }";

/// A service that sends half of its answer and the rest once it gets another byte.
fn stage() -> Stage {
    stage_with(ROUTES)
}

fn stage_with(routes: &str) -> Stage {
    let api = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            match request.headers().get("upgrade") {
                Some(_) => peer.echo_messages(&request),
                None if request.target().ends_with("slow") => {
                    peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf");
                    peer.wait_until_closed();
                }
                None => peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            }
        }
    });
    Stage::set(&Settings { routes: routes.to_owned(), ..Settings::default() }, api)
}

/// Waits for a place to be free again.
fn until_there_is_room(stage: &Stage, request: &Request) {
    let deadline = Deadline::after(PATIENCE);
    while stage.exchange(request).status == 503 {
        assert!(!deadline.left().is_zero(), "the place is never given back");
        std::thread::yield_now();
    }
}

#[test]
fn a_place_is_taken_until_the_body_has_ended() {
    let stage = stage();
    let alice = stage.alice();
    let quick = alice.dress(Request::get("/few/quick"));
    for _ in 0..3 {
        stage.exchange(&quick).expect(200);
    }
    let mut slow = stage.connect();
    slow.send(&alice.dress(Request::get("/few/slow")).to_bytes());
    assert_eq!(slow.head().unwrap().status, 200);
    let crowded = stage.exchange(&quick).expect(503);
    assert_eq!(crowded.json()["code"], "crowded");
    assert_eq!(crowded.header("retry-after"), Some("1"));
    // Strangers take no place and are told what they always are; other routes go on.
    stage.exchange(&Request::get("/few/quick")).expect(401);
    stage.exchange(&Request::get("/public/x")).expect(200);
    // The caller goes away in the middle.
    drop(slow);
    until_there_is_room(&stage, &quick);
}

/// Both kinds of rate, and one place.
const COUNTED: &str = "
  - name: counted
    paths: [/counted]
    service: api
    authenticate: [session]
    max_concurrent: 1
    rate_limit:
      - { requests: 100, per: 1h, by: source }
      - { requests: 3, per: 1h, by: principal }";

#[test]
fn who_finds_no_room_uses_up_nothing_of_their_own_and_is_told_where_they_stand() {
    let stage = stage_with(COUNTED);
    let alice = stage.alice();
    let quick = alice.dress(Request::get("/counted/quick"));
    let mut slow = stage.connect();
    slow.send(&alice.dress(Request::get("/counted/slow")).to_bytes());
    assert_eq!(slow.head().unwrap().status, 200);
    for _ in 0..5 {
        let crowded = stage.exchange(&quick).expect(503);
        assert_eq!(crowded.json()["code"], "crowded");
        assert_eq!(crowded.header("retry-after"), Some("1"));
        let standing = crowded.header("ratelimit").unwrap();
        assert!(standing.starts_with("\"source-3600\";r="), "{standing}");
        assert!(standing.contains("\"principal-3600\";r=2;"), "{standing}");
    }
    drop(slow);
    until_there_is_room(&stage, &quick);
    stage.exchange(&quick).expect(200);
    // All of the three are used up; a refusal takes no place from anybody.
    for _ in 0..3 {
        let limited = stage.exchange(&quick).expect(429);
        let standing = limited.header("ratelimit").unwrap();
        assert!(
            standing.contains("\"source-3600\"") && standing.contains("\"principal-3600\";r=0;")
        );
    }
    let bob = stage.newcomer("bob", &[]);
    stage.exchange(&bob.dress(Request::get("/counted/quick"))).expect(200);
}

#[test]
fn a_websocket_takes_a_place_as_long_as_it_lives() {
    let stage = stage();
    let mut socket = stage.connect();
    let upgrade = Request::get("/sockets")
        .with("Connection", "Upgrade")
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13")
        .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    socket.send(&upgrade.to_bytes());
    assert_eq!(socket.head().unwrap().status, 101);
    let quick = Request::get("/sockets/quick");
    stage.exchange(&quick).expect(503);
    drop(socket);
    until_there_is_room(&stage, &quick);
}
