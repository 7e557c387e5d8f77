//! Clients that mean no good (RFC 9113 section 10.5, CVE-2023-44487, CVE-2019-9511 to -9518,
//! CVE-2024-27316, CVE-2025-8671): they are cut off, cost little memory, and nobody else notices.

use std::io;

use crate::harness::http::{Connection, Request};
use crate::harness::http2::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, RST_STREAM, Raw, SETTINGS,
    WINDOW_UPDATE, fields, frame, headers,
};
use crate::harness::http2::request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The most by which the gateway may grow, in kB (goal R18: 32 MiB per attacker).
const GROWTH_KB: u64 = 32 * 1024;
const ENHANCE_YOUR_CALM: u32 = 11;
const REFUSED_STREAM: u32 = 7;

/// A gateway before a service that never answers below `/public/never`.
fn stage() -> Stage {
    let api = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            if request.target().ends_with("/never") {
                return peer.wait_until_closed();
            }
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        }
    });
    Stage::set(&Settings::default(), api)
}

/// Sends what `piece` makes until the gateway wants no more; how many pieces it took.
#[track_caller]
fn flood(stage: &Stage, raw: &mut Raw, most: u32, piece: impl Fn(u32) -> Vec<u8>) -> u32 {
    let before = stage.symbolon.program().memory_kb("VmRSS");
    let mut sent = 0;
    let refused: io::Result<()> = loop {
        if sent == most {
            break Ok(());
        }
        if let Err(error) = raw.send(&piece(sent)) {
            break Err(error);
        }
        sent += 1;
    };
    raw.wait_until_closed();
    let peak = stage.symbolon.program().memory_kb("VmHWM");
    assert!(peak < before + GROWTH_KB, "it grew from {before} kB to {peak} kB");
    // Everybody else is served.
    stage.exchange(&Request::get("/public/x")).expect(200);
    assert!(refused.is_err() || sent == most);
    sent
}

fn get(stream: u32, path: &str) -> Vec<u8> {
    headers(stream, END_STREAM, &request("GET", path))
}

/// A request that is a mistake of its stream alone (section 8.1.1).
fn malformed() -> Vec<(&'static str, &'static str)> {
    [&request("GET", "/public/never")[..], &[("connection", "close")]].concat()
}

#[test]
fn frames_that_carry_nothing_have_an_end() {
    let stage = stage();
    let empty_data = |_| frame(DATA, 0, 1, b"");
    let settings = |_| frame(SETTINGS, 0, 0, b"");
    let ping = |_| frame(PING, 0, 0, b"12345678");
    let priority = |_| frame(2, 0, 1, &[0, 0, 0, 0, 16]);
    let window = |_| frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]);
    let unknown = |_| frame(0xbe, 0, 0, b"");
    let floods: [&dyn Fn(u32) -> Vec<u8>; 6] =
        [&empty_data, &settings, &ping, &priority, &window, &unknown];
    for piece in floods {
        let mut raw = Raw::to(stage.symbolon.address, &[]);
        // A request that is open, for what belongs to a stream.
        raw.send(&headers(1, 0, &request("POST", "/public/never"))).unwrap();
        flood(&stage, &mut raw, 100_000, piece);
    }
    let metrics = Connection::to(stage.symbolon.admin)
        .exchange(&Request::get("/metrics").with("Host", "localhost"));
    // The frame layer has a word of its own about some of them.
    let counted = "symbolon_http2_cut_total{reason=\"flood\"} ";
    assert!(metrics.text().contains(counted), "{}", metrics.text());
}

#[test]
fn requests_that_are_cancelled_at_once_have_an_end() {
    let stage = stage();
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    // Looked at before it is cancelled: each has reached the service.
    raw.wait_for(SETTINGS);
    let mut asked = 0;
    while asked < 1_000 {
        let stream = 2 * asked + 1;
        if raw.send(&get(stream, "/public/never")).is_err() {
            break;
        }
        let hits = usize::try_from(asked + 1).unwrap();
        let has_come = crate::harness::patience::eventually("a request or the end", || {
            if stage.api.hits() >= hits {
                return Some(true);
            }
            raw.send(&frame(PING, 0, 0, b"12345678")).is_err().then_some(false)
        });
        if !has_come || raw.send(&frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])).is_err() {
            break;
        }
        asked += 1;
    }
    assert!((200..300).contains(&asked), "{asked} were cancelled");
    raw.wait_until_closed();
    stage.api.wait_until_left_alone();
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn requests_that_are_cancelled_before_they_are_looked_at_have_an_end() {
    let stage = stage();
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    flood(&stage, &mut raw, 100_000, |turn| {
        let stream = 2 * turn + 1;
        [get(stream, "/public/never"), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    });
    assert!(stage.api.hits() < 2_000, "{} reached the service", stage.api.hits());
}

#[test]
fn streams_that_we_have_to_reset_have_an_end() {
    let stage = stage();
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    flood(&stage, &mut raw, 100_000, |turn| {
        let stream = 2 * turn + 1;
        headers(stream, END_STREAM, &malformed())
    });
    // The one of everybody else.
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn a_head_that_never_ends_does() {
    let stage = stage();
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    raw.send(&frame(HEADERS, END_STREAM, 1, &fields(&request("GET", "/public/x")))).unwrap();
    let before = stage.symbolon.program().memory_kb("VmRSS");
    let piece = frame(CONTINUATION, 0, 1, &fields(&[("x-more", &"y".repeat(1000))]));
    while raw.send(&piece).is_ok() {}
    let peak = stage.symbolon.program().memory_kb("VmHWM");
    assert!(peak < before + GROWTH_KB, "it grew from {before} kB to {peak} kB");
    stage.exchange(&Request::get("/public/x")).expect(200);

    let mut raw = Raw::to(stage.symbolon.address, &[]);
    raw.send(&frame(HEADERS, END_STREAM, 1, &fields(&request("GET", "/public/x")))).unwrap();
    while raw.send(&frame(CONTINUATION, 0, 1, b"")).is_ok() {}
}

#[test]
fn a_small_head_that_unpacks_to_a_big_one_is_refused() {
    let stage = stage();
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    // One long field into the table (RFC 7541 section 6.2.1), then named again and again: number 62.
    let mut block = fields(&request("GET", "/public/x"));
    block.extend([0x40, 6]);
    block.extend(b"x-bomb");
    block.extend([0x7f, 0x81, 0x1e]);
    block.extend([b'b'; 127 + 1 + 30 * 128]);
    block.extend([0xbe; 10_000]);
    raw.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block)).unwrap();
    let before = stage.symbolon.program().memory_kb("VmRSS");
    raw.send(&frame(PING, 0, 0, b"12345678")).unwrap();
    // 431, or the end of the stream or of the connection: anything but a request to the service.
    while raw.frame().is_some_and(|frame| frame.stream != 1) {}
    assert_eq!(stage.api.hits(), 0);
    let peak = stage.symbolon.program().memory_kb("VmHWM");
    assert!(peak < before + GROWTH_KB, "it grew from {before} kB to {peak} kB");
}

#[test]
fn more_streams_than_allowed_are_refused() {
    let settings = Settings { sections: "limits: { streams: 10 }".into(), ..Settings::default() };
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    });
    let stage = Stage::set(&settings, api);
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    let settings = raw.wait_for(SETTINGS).unwrap();
    let streams = settings.payload.chunks(6).find(|row| row[..2] == [0, 3]).unwrap();
    assert_eq!(streams[2..], [0, 0, 0, 10]);
    for turn in 0..11 {
        raw.send(&get(2 * turn + 1, "/public/x")).unwrap();
    }
    let reset = raw.wait_for(RST_STREAM).unwrap();
    assert_eq!((reset.stream, reset.payload), (21, REFUSED_STREAM.to_be_bytes().to_vec()));
    stage.api.wait_for_hits(10);
    assert_eq!(stage.api.hits(), 10);
}

#[test]
fn a_stream_beyond_the_first_takes_the_place_of_a_connection() {
    // One for the connection, one that the next connection would have, two for further streams.
    let sections = "workers: 1\nlimits: { connections: 4 }".to_owned();
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    });
    let stage = Stage::set(&Settings { sections, ..Settings::default() }, api);
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    for turn in 0..3 {
        raw.send(&get(2 * turn + 1, "/public/x")).unwrap();
        stage.api.wait_for_hits(usize::try_from(turn).unwrap() + 1);
    }
    raw.send(&get(7, "/public/x")).unwrap();
    let reset = raw.wait_for(RST_STREAM).unwrap();
    assert_eq!((reset.stream, reset.payload), (7, REFUSED_STREAM.to_be_bytes().to_vec()));
    stage
        .symbolon
        .access_log()
        .wait_for("the refusal", |line| line.contains("too many streams").then_some(()));
    // One that ends makes room.
    raw.send(&frame(RST_STREAM, 0, 3, &[0, 0, 0, 8])).unwrap();
    let mut stream = 9;
    crate::harness::patience::eventually("room", || {
        raw.send(&get(stream, "/public/x")).unwrap();
        stream += 2;
        (stage.api.hits() == 4).then_some(())
    });
}

#[test]
fn who_keeps_resetting_us_is_told_to_be_calm() {
    let stage = stage();
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    for turn in 0..150 {
        let stream = 2 * turn + 1;
        if raw.send(&headers(stream, END_STREAM, &malformed())).is_err() {
            break;
        }
    }
    assert_eq!(raw.wait_until_closed(), Some(ENHANCE_YOUR_CALM));
}
