//! Questions of several at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use super::super::table::meter;
use super::{LISTS, stage};
use crate::harness::http::{Request, exchange};
use crate::harness::patience::eventually;
use crate::harness::upstream::{Upstream, answer};

const ASKING: usize = 6;

#[test]
fn nobody_is_told_the_no_of_somebody_else() {
    let (next, gate) = (AtomicUsize::new(0), Arc::new(Barrier::new(2)));
    let held = Arc::clone(&gate);
    let guard = Upstream::answering(move |_| {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number == 0 {
            // Until the others wait for this very answer.
            held.wait();
        }
        let place = format!("https://login.example/?state={number}");
        let state = format!("state={number}");
        answer::with("302 Found", &[("Location", &place), ("Set-Cookie", &state)], "")
    });
    let further = LISTS.replace("x-reason]", "x-reason, set-cookie]");
    let further = format!("{further}      cache: 1m\n");
    let stage = stage(&format!("http://{}/", guard.address), &further);
    let address = stage.symbolon.address;
    let mut states: Vec<String> = thread::scope(|scope| {
        let asking: Vec<_> = (0..ASKING)
            .map(|_| scope.spawn(|| exchange(address, &Request::get("/guarded")).expect(302)))
            .collect();
        eventually("all to ask", || {
            let in_flight = meter(&stage, "symbolon_requests_in_flight");
            (in_flight >= ASKING as u64 && guard.hits() > 0).then_some(())
        });
        gate.wait();
        let told = asking.into_iter().map(|one| one.join().unwrap());
        told.map(|answer| {
            let (place, cookie) = (answer.header("location"), answer.header("set-cookie"));
            assert_eq!(place.unwrap().rsplit_once('?').unwrap().1, cookie.unwrap());
            cookie.unwrap().to_owned()
        })
        .collect()
    });
    states.sort();
    states.dedup();
    assert_eq!(states.len(), ASKING, "{states:?}");
}
