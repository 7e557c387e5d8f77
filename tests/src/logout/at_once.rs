//! After the answer to a log-out has arrived, no request that starts later is let in, on whatever
//! connection it comes, whatever else goes on (architecture.md 5, 3).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::harness::http::Request;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::visitor::Visitor;

/// Enough that every worker of the gateway has some.
const CONNECTIONS: usize = 12;

#[test]
fn the_next_request_is_refused_on_every_connection_under_load() {
    let stage = Stage::plain();
    let bob = stage.newcomer("bob", &[]);
    stage.symbolon.add_user("alice", &[]);
    let (is_over, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut connection = stage.connect();
                let request = bob.dress(Request::get("/other/load"));
                while !is_over.load(Ordering::Relaxed) {
                    connection.exchange(&request).expect(200);
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..10 {
            log_in_and_out(&stage);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(served.into_inner() > 0);
}

fn log_in_and_out(stage: &Stage) {
    let mut alice = stage.visitor();
    alice.log_in("alice");
    let cookie = alice.dress(Request::get("/api/x"));
    let bearer = Request::get("/api/x").with("Authorization", &format!("Bearer {}", alice.token()));
    let mut open: Vec<_> = (0..CONNECTIONS).map(|_| stage.connect()).collect();
    for connection in &mut open {
        connection.exchange(&cookie).expect(200);
        connection.exchange(&bearer).expect(200);
    }
    let before = stage.api.hits();
    alice.log_out();
    for connection in &mut open {
        connection.exchange(&cookie).expect(401);
        connection.exchange(&bearer).expect(401);
    }
    stage.exchange(&cookie).expect(401);
    assert_eq!(stage.api.hits(), before, "an ended session reached the service");
}

#[test]
fn logging_out_everywhere_ends_all_of_ones_own() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut bob = stage.newcomer("bob", &[]);
    let others: Vec<Visitor> = (0..5)
        .map(|_| {
            let mut elsewhere = stage.visitor();
            elsewhere.log_in("alice");
            elsewhere.get("/api/x").expect(200);
            elsewhere
        })
        .collect();
    let page = alice.open("/auth/account").expect(200);
    alice.submit(&page, "/auth/logout", &[("everywhere", "yes")]).expect(303);
    for mut elsewhere in others {
        elsewhere.get("/api/x").expect(401);
    }
    bob.get("/api/x").expect(200);
}

#[test]
fn the_browser_is_told_to_forget() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let old = alice.clone();
    let answer = alice.log_out();
    let cookie = answer.set_cookie("symbolon").unwrap().to_lowercase();
    assert!(cookie.starts_with("symbolon=;") && cookie.contains("max-age=0"), "{cookie}");
    assert!(alice.cookie("symbolon").is_none());
    // A browser that did not listen is told again.
    let answer = stage.exchange(&old.dress(Request::get("/api/x"))).expect(401);
    assert!(answer.set_cookie("symbolon").unwrap().to_lowercase().contains("max-age=0"));
    let answer = stage.exchange(&old.dress(Request::get("/api/x").navigating()));
    answer.expect(303);
}

#[test]
fn a_program_logs_out_with_its_token() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let bearer = format!("Bearer {}", alice.token());
    stage
        .exchange(&Request::post("/auth/logout").with("Authorization", &bearer).body(b""))
        .expect(204);
    stage.exchange(&Request::get("/api/x").with("Authorization", &bearer)).expect(401);
    stage.exchange(&alice.dress(Request::get("/api/x"))).expect(401);
}

#[test]
fn a_stream_that_is_open_ends_with_the_session() {
    // An upgraded connection outlives the request that was judged; the session must not.
    let api = Upstream::scripted(|peer| {
        if peer.request().is_some() {
            peer.write(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            );
            peer.wait_until_closed();
        }
    });
    let stage = Stage::with(api);
    let mut alice = stage.alice();
    let request = Request::get("/api/x").with("Connection", "upgrade").with("Upgrade", "websocket");
    let mut connection = stage.connect();
    connection.send(&alice.dress(request).to_bytes());
    assert_eq!(connection.head().unwrap().status, 101);
    alice.log_out();
    // The gateway looks at open streams now and then (security.md 5, 15: every 30 s at most).
    connection.stream().set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    assert_eq!(connection.rest(), b"");
    stage.api.wait_until_left_alone();
}

#[test]
fn a_request_that_is_still_coming_ends_with_the_session() {
    let stage = Stage::plain();
    let mut alice = stage.alice();
    let mut connection = stage.connect();
    let request = alice.dress(Request::post("/api/x").with("Content-Length", "1000"));
    connection.send(&request.to_bytes());
    stage.api.wait_for_hits(1);
    alice.log_out();
    stage.api.wait_until_left_alone();
    assert_eq!(connection.response().status, 401);
}
