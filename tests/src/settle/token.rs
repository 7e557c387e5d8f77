//! `rotate` and `end`: the session's token as a service changes it.

use std::sync::mpsc;

use parking_lot::Mutex;
use serde_json::json;

use crate::harness::http::Request;
use crate::harness::patience::PATIENCE;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::{changing_session, ok, patch};

fn service() -> Upstream {
    Upstream::answering(|request| match request.target() {
        "/api/rotate" => changing_session("rotate"),
        "/api/end" => changing_session("end"),
        _ => ok("{}"),
    })
}

#[test]
fn rotating_gives_a_new_token_and_the_old_one_is_dead() {
    let stage = Stage::with(service());
    let mut alice = stage.alice();
    let old = alice.clone();
    let answer = alice.get("/api/rotate").expect(200);
    let cookie = answer.set_cookie("symbolon").unwrap().to_lowercase();
    assert!(cookie.contains("httponly") && cookie.contains("samesite=lax"), "{cookie}");
    assert_ne!(old.token(), alice.token());
    stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);
    alice.get("/api/x").expect(200);
    assert_eq!(stage.symbolon.list(&["session", "list"]).len(), 1);
}

/// Two requests left at once, and one of them brought a new token.
#[test]
fn who_still_shows_the_old_token_is_not_told_to_forget_the_new_one() {
    let routes = "  - name: perhaps
    paths: [/perhaps]
    service: api
    authenticate: { any: [session], optional: true }
";
    let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, service());
    let mut alice = stage.alice();
    let old = alice.clone();
    alice.get("/api/rotate").expect(200);
    let answer = stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);
    assert_eq!(answer.set_cookie("symbolon"), None);
    let answer = stage.exchange(&old.dress(Request::get("/perhaps"))).expect(200);
    assert_eq!(answer.set_cookie("symbolon"), None);
    alice.get("/api/x").expect(200);
}

#[test]
fn a_session_that_ended_meanwhile_is_not_brought_back() {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let api = Upstream::answering(move |request| {
        may_go_on.lock().recv_timeout(PATIENCE).unwrap();
        match request.target() {
            "/api/rotate" => changing_session("rotate"),
            _ => changing_session(&patch(&json!({ "cart": 1 }))),
        }
    });
    let stage = Stage::with(api);
    stage.symbolon.add_user("alice", &[]);
    for (number, target) in ["/api/rotate", "/api/patch"].into_iter().enumerate() {
        let mut alice = stage.visitor();
        alice.log_in("alice");
        let old = alice.clone();
        let mut slow = stage.connect();
        slow.send(&alice.dress(Request::get(target)).to_bytes());
        stage.api.wait_for_hits(number + 1);
        alice.log_out();
        go_on.send(()).unwrap();
        let answer = slow.response().expect(401);
        let cookie = answer.set_cookie("symbolon").unwrap().to_lowercase();
        assert!(cookie.starts_with("symbolon=;"), "{cookie}");
        stage.exchange(&old.dress(Request::get("/other/x"))).expect(401);
        assert!(stage.symbolon.list(&["session", "list"]).is_empty());
    }
}

#[test]
fn ending_is_a_log_out() {
    let stage = Stage::with(service());
    let mut alice = stage.alice();
    let old = alice.clone();
    let answer = alice.get("/api/end").expect(200);
    assert!(answer.set_cookie("symbolon").unwrap().to_lowercase().contains("max-age=0"));
    stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);
    assert!(stage.symbolon.list(&["session", "list"]).is_empty());
}

#[test]
fn the_answer_that_ends_its_session_comes_whole() {
    let api = Upstream::scripted(|peer| {
        let (go_on, head) = ("Symbolon-Session: end\r\n\r\n", "HTTP/1.1 200 OK\r\n");
        while let Some(request) = peer.request() {
            let is_long = request.target() == "/api/long";
            let (framing, first, rest) = if is_long {
                ("Content-Length: 100000\r\n", String::new(), "x".repeat(100_000))
            } else {
                ("Transfer-Encoding: chunked\r\n", "2\r\nxx\r\n".to_owned(), "0\r\n\r\n".to_owned())
            };
            peer.write(format!("{head}{framing}{go_on}").as_bytes());
            peer.write(first.as_bytes());
            peer.write(rest.as_bytes());
        }
    });
    let stage = Stage::with(api);
    stage.symbolon.add_user("alice", &[]);
    for (path, length) in [("/api/long", 100_000), ("/api/chunked", 2)] {
        let mut alice = stage.visitor();
        alice.log_in("alice");
        let answer = alice.get(path).expect(200);
        assert_eq!(answer.message.body.len(), length, "{path}");
        assert!(answer.set_cookie("symbolon").unwrap().to_lowercase().contains("max-age=0"));
        assert!(stage.symbolon.list(&["session", "list"]).is_empty());
    }
}

#[test]
fn an_answer_under_way_is_not_cut_by_the_end_of_its_session() {
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let api = Upstream::scripted(move |peer| {
        while peer.request().is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
            may_go_on.lock().recv_timeout(PATIENCE).unwrap();
            peer.write(b"def");
        }
    });
    let stage = Stage::with(api);
    let mut alice = stage.alice();
    let mut page = stage.connect();
    page.send(&alice.dress(Request::get("/api/x")).to_bytes());
    stage.api.wait_for_hits(1);
    alice.log_out();
    go_on.send(()).unwrap();
    assert_eq!(page.response().expect(200).message.body, b"abcdef");
}
