//! Clients that never stop while the binary is replaced again and again.
//!
//! `SYMBOLON_UPGRADES` says how often (100 for the record).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::scene::{Socket, Talk, is_last, kept, stage_with_grpc};
use crate::grpc::peers::Service;
use crate::harness::http::{Connection, Request, Response};
use crate::harness::http2::frames::{DATA, END_STREAM, GOAWAY, HEADERS, Raw, headers};
use crate::harness::http2::request;
use crate::harness::surroundings::number;
use crate::harness::visitor::Visitor;

/// How often it is replaced unless somebody wants to know more.
const UPGRADES: u64 = 5;
/// The first byte of an answer's head: `:status 200` in the static table (RFC 7541 appendix A).
const STATUS_200: u8 = 0x88;

/// What the clients have in common.
struct Load {
    address: SocketAddr,
    alice: Visitor,
    is_over: AtomicBool,
    served: AtomicUsize,
    parted: AtomicUsize,
}

#[test]
fn nothing_is_refused_or_cut_while_the_binary_is_replaced() {
    let upgrades = number("SYMBOLON_UPGRADES", UPGRADES);
    let grpc = Service::start();
    let stage = stage_with_grpc("20s", &grpc);
    let load = Load {
        address: stage.symbolon.address,
        alice: stage.alice(),
        is_over: AtomicBool::new(false),
        served: AtomicUsize::new(0),
        parted: AtomicUsize::new(0),
    };
    let mut talk = Talk::start(&stage, &load.alice);
    thread::scope(|scope| {
        scope.spawn(|| load.on_kept_connections());
        scope.spawn(|| load.on_new_connections());
        scope.spawn(|| load.on_http2());
        scope.spawn(|| load.logging_in_and_out(stage.newcomer("bob", &[])));
        let mut before = None;
        for round in 0..upgrades {
            let mut socket = Socket::open(&stage, &load.alice);
            let mut idle = kept(&stage);
            talk.open(round);
            talk.say(round, "before");
            socket.say("before");
            stage.symbolon.upgrade();
            talk.say(round, "after");
            socket.say("after");
            // A request that was on its way to a connection without any is answered too.
            let answer = idle.exchange(&Request::get("/public/x")).expect(200);
            assert!(is_last(&answer), "{answer:?}");
            // The streams of the round before have lived through two.
            if let Some((mut socket, round)) = before.replace((socket, round)) {
                socket.say("later");
                talk.say(round, "later");
                talk.close(round);
            }
            if load.is_over.load(Ordering::Relaxed) {
                break;
            }
        }
        load.is_over.store(true, Ordering::Relaxed);
    });
    stage.symbolon.wait_until_alone();
    let (served, parted) = (load.served.into_inner(), load.parted.into_inner());
    println!("{upgrades} upgrades, {served} requests, {parted} connections parted from in order");
    assert!(served as u64 > upgrades && parted as u64 >= upgrades);
    let log = stage.symbolon.stop_all();
    let wrong: Vec<_> = log.iter().filter(|line| line.contains("\"ERROR\"")).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    drop(talk);
}

impl Load {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn on_kept_connections(&self) {
        let _told = Told(self);
        let mut connection = Connection::to(self.address);
        let known = self.alice.dress(Request::get("/api/x"));
        while self.goes_on() {
            for (request, status) in [(&known, 200), (&Request::get("/api/x"), 401)] {
                let answer = self.exchange(&mut connection, request).expect(status);
                assert!(status != 200 || answer.text() == "served", "{answer:?}");
            }
            // Every write of the session reaches the store, whichever process makes it.
            let put = self.alice.dress(Request::get("/api/put"));
            self.exchange(&mut connection, &put).expect(200);
        }
    }

    /// One more request on a connection, which is another one from then on where it was the last.
    fn exchange(&self, connection: &mut Connection, request: &Request) -> Response {
        let answer = connection.exchange(request);
        self.served.fetch_add(1, Ordering::Relaxed);
        if is_last(&answer) {
            self.parted.fetch_add(1, Ordering::Relaxed);
            *connection = Connection::to(self.address);
        }
        answer
    }

    /// Whoever is out is out, in whichever process; and whoever is in is in.
    fn logging_in_and_out(&self, mut bob: Visitor) {
        let _told = Told(self);
        let mut connection = Connection::to(self.address);
        while self.goes_on() {
            let request = bob.dress(Request::get("/api/x"));
            self.exchange(&mut connection, &request).expect(200);
            bob.log_out();
            self.exchange(&mut connection, &request).expect(401);
            bob.log_in("bob");
        }
    }

    fn on_new_connections(&self) {
        let _told = Told(self);
        let known = self.alice.dress(Request::get("/api/x"));
        while self.goes_on() {
            Connection::to(self.address).exchange(&known).expect(200);
            self.served.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn on_http2(&self) {
        let _told = Told(self);
        while self.goes_on() {
            self.on_one_http2_connection();
        }
    }

    /// Asks until it is told to go elsewhere; what was asked by then is answered.
    fn on_one_http2_connection(&self) {
        let cookie = format!("symbolon={}", self.alice.token());
        let fields = [&request("GET", "/api/x")[..], &[("cookie", &cookie)]].concat();
        let mut raw = Raw::to(self.address, &[]);
        let mut is_told_to_go = false;
        for stream in (1..).step_by(2) {
            if is_told_to_go || !self.goes_on() {
                self.parted.fetch_add(1, Ordering::Relaxed);
                return;
            }
            raw.send(&headers(stream, END_STREAM, &fields)).unwrap();
            loop {
                let frame = raw.frame().expect("an answer before the end");
                match (frame.kind, frame.stream == stream) {
                    (GOAWAY, _) => {
                        let last = frame.payload[..4].try_into().map(u32::from_be_bytes).unwrap();
                        assert!(stream <= last, "asked before it was told, and not answered");
                        is_told_to_go = true;
                    }
                    (HEADERS, true) => assert_eq!(frame.payload[0], STATUS_200),
                    (DATA, true) => {
                        assert_eq!(frame.payload, b"served");
                        break;
                    }
                    _ => {}
                }
            }
            self.served.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Ends the rounds where a client fails.
struct Told<'a>(&'a Load);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}
