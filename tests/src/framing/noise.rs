//! Requests with bytes changed at random: whatever becomes of them, the gateway goes on, and a
//! service sees nothing that was not asked for in the open.

use std::collections::BTreeMap;

use crate::harness::http::{Connection, Request};
use crate::harness::random::Random;
use crate::harness::stage::Stage;

/// How many requests there are.
const REQUESTS: usize = 600;
/// What is put in the place of a byte.
const NOISE: &[u8] = b"\r\n\t\0 :;,%/\\.?#@_-\"'()<>[]{}0Aa\x7f\x80\xff";

#[test]
fn noise_gets_nobody_in() {
    let stage = Stage::plain();
    let alice = stage.alice();
    let seeds = [
        Request::get("/api/x?a=b").with("X-User", "root"),
        Request::post("/api/x").with("Authorization", "Bearer x").body(b"body"),
        Request::get("/admin/x").with("Connection", "authorization"),
        alice.dress(Request::get("/admin/x")),
    ];
    let seeds: Vec<Vec<u8>> = seeds.iter().map(Request::to_bytes).collect();
    let mut random = Random::new(7);
    let mut answers = BTreeMap::<String, usize>::new();
    for number in 0..REQUESTS {
        let mut bytes = seeds[number % seeds.len()].clone();
        for _ in 0..=random.below(2) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[at] = NOISE[random.below(NOISE.len())],
                1 => bytes.insert(at, NOISE[random.below(NOISE.len())]),
                _ => drop(bytes.remove(at)),
            }
        }
        let mut connection = Connection::to(stage.symbolon.address);
        connection.send(&bytes);
        let answer = String::from_utf8_lossy(&connection.hang_up()).into_owned();
        *answers.entry(answer.chars().take(12).collect()).or_default() += 1;
    }
    // Enough of it has to look like a request to be judged.
    for (status, least) in [("HTTP/1.1 400", 20), ("HTTP/1.1 401", 20), ("HTTP/1.1 403", 1)] {
        assert!(answers.get(status).is_some_and(|count| *count >= least), "{answers:?}");
    }
    // Nobody had both the role and a good cookie, so no request was to reach the service at all,
    // except alice's own at a path that was changed into an open one.
    for received in stage.api.requests() {
        let target = received.target();
        let is_open = ["/public", "/maybe"].iter().any(|open| target.starts_with(open));
        let is_alices = received.token().is_some() && received.claims()["sub"] == "alice";
        assert!(is_open || (is_alices && target.starts_with("/api")), "{received:?}");
    }
    stage.exchange(&Request::get("/public/after")).expect(200);
}
