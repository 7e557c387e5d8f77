//! Each failure of a service has its own answer, and a request that changes something is never
//! sent twice.

use std::net::TcpListener;

use crate::harness::http::Request;
use crate::harness::patience::now;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

#[test]
fn nobody_there_is_502() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let settings = Settings {
        services: format!("  gone: {{ targets: [http://{address}] }}"),
        routes: "  - { name: gone, paths: [/gone], service: gone, authenticate: none }".to_owned(),
        ..Settings::default()
    };
    let stage = Stage::set(&settings, Upstream::plain());
    let answer = stage.exchange(&Request::get("/gone/x")).expect(502);
    assert_eq!(answer.json()["code"], "bad_gateway");
    assert!(!answer.text().contains(&address.to_string()), "{}", answer.text());
    // The log knows where it was.
    stage.symbolon.access_log().wait_for("the request", |line| {
        (line.contains("\"status\":502") && line.contains(&address.to_string())).then_some(())
    });
}

#[test]
fn no_answer_in_time_is_504() {
    let settings =
        Settings { api: ", timeouts: { response: 1s }".to_owned(), ..Settings::default() };
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.wait_until_closed();
        }
    });
    let stage = Stage::set(&settings, api);
    let began = now();
    let answer = stage.exchange(&Request::post("/public/x").body(b"x")).expect(504);
    assert_eq!(answer.json()["code"], "gateway_timeout");
    let waited = (now() - began).as_millis();
    assert!((900..5000).contains(&waited), "{waited} ms");
    stage.api.wait_until_left_alone();
    assert_eq!(stage.api.hits(), 1);
}

#[test]
fn a_body_that_stops_in_the_middle_breaks_the_answer_off() {
    let settings = Settings { api: ", timeouts: { idle: 1s }".to_owned(), ..Settings::default() };
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun");
            peer.wait_until_closed();
        }
    });
    let stage = Stage::set(&settings, api);
    let mut connection = stage.connect();
    connection.send(&Request::get("/public/x").to_bytes());
    assert_eq!(connection.head().unwrap().status, 200);
    assert_eq!(connection.rest(), b"begun");
    stage.api.wait_until_left_alone();
}

#[test]
fn a_client_that_stops_sending_is_told() {
    let settings =
        Settings { sections: "limits: { body_timeout: 1s }".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, Upstream::plain());
    let mut connection = stage.connect();
    connection
        .send(b"POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 10\r\n\r\nhalf");
    let answer = connection.try_response("POST");
    assert!(answer.as_ref().map_or(true, |answer| answer.status == 408), "{answer:?}");
    stage.api.wait_until_left_alone();
}

#[test]
fn a_reset_is_502_and_nothing_is_sent_twice() {
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.reset();
        }
    });
    let stage = Stage::with(api);
    stage.exchange(&Request::post("/public/x").body(b"pay")).expect(502);
    assert_eq!(stage.api.hits(), 1);
    stage.exchange(&Request::new("DELETE", "/public/x")).expect(502);
    assert_eq!(stage.api.hits(), 2);
}

#[test]
fn error_pages_are_made_for_whoever_reads_them() {
    let stage = Stage::plain();
    let page = stage.exchange(&Request::get("/nowhere").navigating()).expect(404);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let id = page.header("x-request-id").unwrap();
    assert!(page.text().contains(id), "{}", page.text());
    let problem = stage.exchange(&Request::get("/nowhere")).expect(404);
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    assert_eq!(problem.json()["status"], 404);
    assert_eq!(problem.json()["request_id"], problem.header("x-request-id").unwrap());
    for answer in [page, problem] {
        assert!(answer.header("content-security-policy").is_some());
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}
