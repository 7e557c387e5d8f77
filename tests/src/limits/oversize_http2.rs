//! Far more than anybody may send, over HTTP/2: refused or cut off, with little memory, and nobody
//! else notices.

use std::thread;

use super::flooding::{GROWTH_KB, KIB, MIB, limited, memory_now};
use crate::harness::http::Request;
use crate::harness::http2::frames::{
    DATA, END_STREAM, FRAME, GOAWAY, HEADERS, RST_STREAM, Raw, fields, frame, headers, long_headers,
};
use crate::harness::http2::{Client, request};
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// What a field counts besides its name and value, in bytes (RFC 9113 section 6.5.2).
const FIELD: usize = 32;
/// How many do the same at the same time.
const ATTACKERS: usize = 20;

/// The most by which it may grow for all of them, in kB.
const MOST_KB: u64 = 80 * 1024;

/// What comes of a flood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Status(u16),
    /// The stream alone is over.
    Reset,
    /// The connection is, with this code where there was one.
    Closed(Option<u32>),
}

/// Sends all of it on stream 1 while the end of that is waited for.
fn flood(stage: &Stage, bytes: &[u8]) -> Ending {
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    let mut uplink = raw.another();
    thread::scope(|scope| {
        // Whoever is refused may find the connection closed before everything is sent.
        scope.spawn(move || drop(uplink.send(bytes)));
        let mut code = None;
        let ending = loop {
            let Some(frame) = raw.frame() else { break Ending::Closed(code) };
            match frame.kind {
                HEADERS => break Ending::Status(frame.status()),
                RST_STREAM => break Ending::Reset,
                GOAWAY => code = frame.payload[4..8].try_into().ok().map(u32::from_be_bytes),
                _ => {}
            }
        };
        raw.hang_up();
        ending
    })
}

/// What comes of the same flood from many; others are answered meanwhile, and what the gateway grows
/// by is under ten times what is sent, or next to nothing. Of fields is sent what they are unpacked
/// (RFC 9113 section 6.5.2), at most as much as is read at all.
#[track_caller]
fn floods(stage: &Stage, bytes: &[u8], unpacked: usize) -> Ending {
    let before = memory_now(stage);
    let endings: Vec<Ending> = thread::scope(|scope| {
        let attackers: Vec<_> =
            (0..ATTACKERS).map(|_| scope.spawn(|| flood(stage, bytes))).collect();
        for _ in 0..20 {
            stage.exchange(&Request::get("/public/other")).expect(200);
        }
        attackers.into_iter().map(|attacker| attacker.join().unwrap()).collect()
    });
    let grown = stage.symbolon.program().memory_kb("VmHWM").saturating_sub(before);
    let sent_kb = (ATTACKERS * unpacked.min(MIB) / KIB) as u64;
    println!("{ATTACKERS} times {unpacked} bytes: {:?}, {grown} kB", endings[0]);
    assert!(grown < (10 * sent_kb).clamp(GROWTH_KB, MOST_KB), "{sent_kb} kB: {grown} kB");
    assert!(endings.iter().all(|ending| *ending == endings[0]), "{endings:?}");
    endings[0]
}

fn get_with(rows: &[(&str, &str)]) -> Vec<u8> {
    let block = fields(&[&request("GET", "/public/x")[..], rows].concat());
    long_headers(1, END_STREAM, &block)
}

/// How many requests a service saw that were not those of the other client.
fn strange_hits(stage: &Stage) -> usize {
    let requests = stage.api.requests();
    requests.iter().filter(|request| request.target() != "/public/other").count()
}

#[test]
fn headers_from_16_kib_to_16_mib_over_http2() {
    let stage = limited("head: 32KiB", Upstream::plain());
    assert_eq!(flood(&stage, &get_with(&[("x", &"x".repeat(16 * KIB))])), Ending::Status(200));
    for length in [40 * KIB, 64 * KIB] {
        let ending = floods(&stage, &get_with(&[("x", &"x".repeat(length))]), length);
        assert_eq!(ending, Ending::Status(431), "{length}");
    }
    for length in [256 * KIB, MIB, 4 * MIB, 16 * MIB] {
        let ending = floods(&stage, &get_with(&[("x", &"x".repeat(length))]), length);
        assert!(matches!(ending, Ending::Status(431) | Ending::Closed(_)), "{length}: {ending:?}");
    }
    assert_eq!(strange_hits(&stage), 1);
}

#[test]
fn ten_thousand_headers_over_http2() {
    let stage = limited("head: 1MiB, headers: 1000", Upstream::plain());
    let names: Vec<String> = (0..10_000).map(|number| format!("x-{number}")).collect();
    let rows: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(flood(&stage, &get_with(&rows[..900])), Ending::Status(200));
    let each = "x-1000".len() + "1".len() + FIELD;
    assert_eq!(floods(&stage, &get_with(&rows), each * 10_000), Ending::Status(431));
    // The same name again and again.
    let same = vec![("x", "1"); 10_000];
    assert_eq!(floods(&stage, &get_with(&same), (2 + FIELD) * 10_000), Ending::Status(431));
    assert_eq!(strange_hits(&stage), 1);
}

#[test]
fn an_address_of_a_mebibyte_over_http2() {
    for (limits, length, is_read) in
        [("head: 32KiB", MIB, false), ("head: 1MiB", MIB, false), ("head: 1MiB", 900 * KIB, true)]
    {
        let stage = limited(limits, Upstream::plain());
        let target = format!("/public/{}", "x".repeat(length));
        let block = fields(&request("GET", &target));
        let ending = floods(&stage, &long_headers(1, END_STREAM, &block), length);
        match ending {
            // Such a target has no form in which anybody could say so (`http::Uri`).
            Ending::Reset if is_read => {}
            Ending::Status(431) | Ending::Closed(_) if !is_read => {}
            _ => panic!("{limits}: {ending:?}"),
        }
        // Where the head is read, the target is what is told to be too long.
        let target = format!("/public/{}", "x".repeat(9 * KIB));
        let block = fields(&request("GET", &target));
        assert_eq!(flood(&stage, &long_headers(1, END_STREAM, &block)), Ending::Status(414));
        assert_eq!(strange_hits(&stage), 0);
    }
}

#[test]
fn trailers_without_end_over_http2() {
    let stage = limited("head: 32KiB", Upstream::plain());
    let long = "x".repeat(MIB);
    for rows in [vec![("x", long.as_str())], vec![("x", "1"); 10_000]] {
        let begun = headers(1, 0, &request("POST", "/public/x"));
        let trailers = long_headers(1, END_STREAM, &fields(&rows));
        let bytes = [begun, frame(DATA, 0, 1, b"hello"), trailers].concat();
        let ending = floods(&stage, &bytes, bytes.len());
        assert!(!matches!(ending, Ending::Status(200)), "{ending:?}");
    }
    // A service may see the beginning, and never the end.
    let whole = |received: &crate::harness::upstream::Received| {
        received.message.trailers.has("x") || received.headers().has("content-length")
    };
    let strange: Vec<_> = stage.api.requests().into_iter().filter(whole).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn bodies_over_the_limit_over_http2() {
    let stage = limited("body: 32KiB", Upstream::plain());
    // No more than the first window has room for.
    let body = frame(DATA, 0, 1, &[b'x'; FRAME]).repeat(3);
    for announced in [&[][..], &[("content-length", "1000000")]] {
        let head = headers(1, 0, &[&request("POST", "/public/x")[..], announced].concat());
        let bytes = [head, body.clone()].concat();
        assert_eq!(floods(&stage, &bytes, bytes.len()), Ending::Status(413));
    }
    for received in stage.api.requests() {
        assert!(received.message.body_length <= 32 * 1024, "{received:?}");
    }
}

#[test]
fn a_grpc_message_over_the_limit_is_told_as_grpc_does() {
    let stage = limited("body: 8KiB", Upstream::plain());
    let mut client = Client::to(stage.symbolon.address);
    let grpc = [("content-type", "application/grpc"), ("te", "trailers")];
    client.post("/public/x", &grpc, &"x".repeat(8 * KIB)).expect(200);
    for announced in [&[][..], &[("content-length", "12288")]] {
        let fields = [&grpc[..], announced].concat();
        let answer = client.post("/public/x", &fields, &"x".repeat(12 * KIB)).expect(200);
        // UNKNOWN, as docs/grpc.md has it.
        assert_eq!(answer.header("grpc-status"), Some("2"), "{answer:?}");
    }
}
