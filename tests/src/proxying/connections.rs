//! Connections are kept, on both sides, as long as nothing is in doubt.

use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::with;

#[test]
fn one_connection_to_the_service_serves_many_requests() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    for number in 0..50 {
        connection.exchange(&Request::post(&format!("/public/{number}")).body(b"x")).expect(200);
    }
    assert_eq!((stage.api.hits(), stage.api.connections()), (50, 1));
}

#[test]
fn a_service_that_closes_is_connected_anew() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(&with("200 OK", &[("Connection", "close")], "{}"));
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    for _ in 0..10 {
        connection.exchange(&Request::post("/public/x").body(b"x")).expect(200);
    }
    assert_eq!(stage.api.connections(), 10);
}

#[test]
fn a_kept_connection_that_the_service_closed_does_not_fail_a_request() {
    // Closes each connection without a word after its first answer, as idle timeouts do.
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(&with("200 OK", &[], "{}"));
        }
    });
    let stage = Stage::with(api);
    let mut connection = stage.connect();
    for _ in 0..20 {
        connection.exchange(&Request::get("/public/x")).expect(200);
        stage.api.wait_until_left_alone();
    }
}

#[test]
fn idle_connections_to_the_service_are_closed() {
    let settings = Settings { api: ", timeouts: { idle: 1s }".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    stage.exchange(&Request::get("/public/x")).expect(200);
    stage.api.wait_until_left_alone();
}

/// The timer that the kernel runs for an open connection, told by the ports from and to which it
/// leads, and in how many seconds it does something.
fn timer(is_it: impl Fn(u16, u16) -> bool) -> Option<(String, u64)> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let port = |address: &str| u16::from_str_radix(address.split_once(':')?.1, 16).ok();
        if fields[3] != "01" || !is_it(port(fields[1])?, port(fields[2])?) {
            return None;
        }
        let (timer, ticks) = fields[5].split_once(':')?;
        Some((timer.to_owned(), u64::from_str_radix(ticks, 16).ok()? / 100))
    })
}

#[test]
fn both_sides_are_asked_whether_they_are_still_there() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    connection.exchange(&Request::get("/public/x")).expect(200);
    let (gateway, service) = (stage.symbolon.address.port(), stage.api.address.port());
    let client = connection.stream().local_addr().unwrap().port();
    // 02 is a probe that will be sent.
    let is_probe = |(timer, seconds): &(String, u64)| timer == "02" && *seconds <= 60;
    eventually("a probe of the client", || {
        timer(|from, to| (from, to) == (gateway, client)).filter(is_probe)
    });
    eventually("a probe of the service", || timer(|_, to| to == service).filter(is_probe));
}

#[test]
fn the_client_may_ask_to_close() {
    let stage = Stage::plain();
    let mut connection = stage.connect();
    let answer = connection.exchange(&Request::get("/public/x").with("Connection", "close"));
    assert_eq!(answer.expect(200).header("connection"), Some("close"));
    assert_eq!(connection.rest(), b"");
    // That was between the client and the gateway.
    stage.exchange(&Request::get("/public/x")).expect(200);
}

#[test]
fn a_client_that_sends_its_head_too_slowly_is_let_go() {
    let settings =
        Settings { sections: "limits: { head_timeout: 1s }".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut slow = stage.connect();
    slow.send(b"GET /public/x HTTP/1.1\r\nHost: sh");
    let mut silent = stage.connect();
    let answer = String::from_utf8_lossy(&slow.rest()).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    silent.rest();
    assert_eq!(stage.api.hits(), 0);
}

#[test]
fn connections_beyond_the_limit_wait_for_their_turn() {
    let settings = Settings {
        sections: "limits: { connections: 2 }\nworkers: 1".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut first = stage.connect();
    let mut second = stage.connect();
    first.exchange(&Request::get("/public/1")).expect(200);
    second.exchange(&Request::get("/public/2")).expect(200);
    let mut third = stage.connect();
    third.send(&Request::get("/public/3").to_bytes());
    first.exchange(&Request::get("/public/4")).expect(200);
    assert_eq!(stage.api.hits(), 3, "the third was served beside the others");
    drop(second);
    third.response().expect(200);
    eventually("the third", || (stage.api.hits() == 4).then_some(()));
}
