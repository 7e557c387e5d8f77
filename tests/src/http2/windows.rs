//! Clients that open their windows by next to nothing (CVE-2019-9511), and those that are only small
//! or slow.

use std::cell::Cell;

use crate::harness::http::{Request, exchange};
use crate::harness::http2::frames::{
    DATA, END_STREAM, Frame, Raw, SETTINGS, WINDOW_UPDATE, frame, headers,
};
use crate::harness::http2::request;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::{Upstream, answer};

/// `SETTINGS_INITIAL_WINDOW_SIZE`.
const INITIAL_WINDOW_SIZE: u16 = 4;
/// The length of the answer, in bytes.
const LENGTH: usize = 200_000;

fn stage() -> Stage {
    let body = "x".repeat(LENGTH);
    Stage::set(&Settings::default(), Upstream::answering(move |_| answer::ok(&body)))
}

fn update(stream: u32, by: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &by.to_be_bytes())
}

/// Reads an answer and says `say` after every frame of it; how many octets came.
fn read(stage: &Stage, window: u32, say: impl Fn(&Frame) -> Vec<u8>) -> usize {
    let mut raw = Raw::to(stage.symbolon.address, &[(INITIAL_WINDOW_SIZE, window)]);
    raw.send(&headers(1, END_STREAM, &request("GET", "/public/x"))).unwrap();
    let mut came = 0;
    while let Some(data) = raw.wait_for(DATA) {
        came += data.payload.len();
        if came == LENGTH || raw.send(&say(&data)).is_err() {
            break;
        }
    }
    came
}

fn floods(stage: &Stage) -> u64 {
    let host = stage.symbolon.admin.to_string();
    let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
    let name = "symbolon_http2_cut_total{reason=\"flood\"} ";
    let count = metrics.text().lines().find_map(|line| line.strip_prefix(name)?.parse().ok());
    count.unwrap_or_default()
}

#[test]
fn a_window_that_is_opened_octet_by_octet_has_an_end() {
    let stage = stage();
    let came = read(&stage, 1, |_| update(1, 1));
    assert!((100..5_000).contains(&came), "{came} octets came");
    // By what all streams begin with, as well.
    let width = Cell::new(1_u32);
    let came = read(&stage, 1, |_| {
        width.set(width.get() + 1);
        frame(SETTINGS, 0, 0, &[&[0, 4], &width.get().to_be_bytes()[..]].concat())
    });
    assert!((100..5_000).contains(&came), "{came} octets came");
    assert_eq!(floods(&stage), 2);
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn a_small_window_is_as_good_as_a_big_one() {
    let stage = stage();
    for window in [200, 1_000, 65_535] {
        let came = read(&stage, window, |data| {
            let length = u32::try_from(data.payload.len()).unwrap();
            [update(1, length), update(0, length)].concat()
        });
        assert_eq!(came, LENGTH, "{window}");
    }
    assert_eq!(floods(&stage), 0);
}

#[test]
fn a_service_that_says_little_at_a_time_costs_its_client_nothing() {
    const PIECES: usize = 5_000;
    let api = Upstream::scripted(|peer| {
        while peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            (0..PIECES).for_each(|_| peer.write(b"1\r\nx\r\n"));
            peer.write(b"0\r\n\r\n");
        }
    });
    let stage = Stage::with(api);
    let mut raw = Raw::to(stage.symbolon.address, &[]);
    raw.send(&headers(1, END_STREAM, &request("GET", "/public/x"))).unwrap();
    let mut came = 0;
    while came < PIECES {
        let data = raw.wait_for(DATA).unwrap();
        came += data.payload.len();
        for _ in &data.payload {
            raw.send(&[update(1, 1), update(0, 1)].concat()).unwrap();
        }
    }
    assert_eq!(floods(&stage), 0);
}
