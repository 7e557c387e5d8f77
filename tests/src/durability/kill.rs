//! SIGKILL at random points while people log in, change their sessions and log out: after the next
//! start nothing that was acknowledged is missing, and nothing that was ended is alive.
//!
//! `SYMBOLON_KILLS` says how often (1,000 for the record), `SYMBOLON_SEED` repeats a run as far as
//! the machine's own timing allows.

use std::thread;
use std::time::Duration;

use serde_json::json;

use super::worker::Worker;
use crate::harness::random::Random;
use crate::harness::stage::Stage;
use crate::harness::surroundings::number;
use crate::harness::upstream::answer::{changing_session, ok, patch};
use crate::harness::upstream::{Received, Upstream};

/// How often it is killed unless somebody wants to know more.
const KILLS: u64 = 25;
/// How many people there are.
const WORKERS: u64 = 4;
/// The longest time between a start and the kill, in milliseconds.
const LONGEST_LIFE: usize = 250;

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let (kills, seed) = (number("SYMBOLON_KILLS", KILLS), number("SYMBOLON_SEED", 1));
    println!("{kills} kills with seed {seed}");
    let mut stage = Stage::with(Upstream::answering(service));
    let mut workers: Vec<Worker> = (0..WORKERS)
        .map(|number| {
            let name = format!("worker{number}");
            stage.symbolon.add_user(&name, &[]);
            Worker::new(&name, seed + number)
        })
        .collect();

    let mut random = Random::new(seed);
    for _ in 0..kills {
        let address = stage.symbolon.address;
        thread::scope(|scope| {
            for worker in &mut workers {
                scope.spawn(|| worker.hammer(address));
            }
            // This is no waiting for something: the moment is the point.
            thread::sleep(Duration::from_millis(random.below(LONGEST_LIFE) as u64));
            stage.symbolon.kill();
        });
        stage.symbolon.start_again();
        for worker in &workers {
            worker.assert_all_is_kept(stage.symbolon.address);
        }
    }
    for worker in &workers {
        worker.assert_the_dead_are_dead(stage.symbolon.address);
    }
    let acknowledged: usize = workers.iter().map(|worker| worker.acknowledged).sum();
    println!("{acknowledged} changes were acknowledged");
    assert!(acknowledged as u64 > kills, "nothing happened between the kills");
}

fn service(request: &Received) -> Vec<u8> {
    match request.target() {
        "/api/data" => ok(&request.claims()["session"].to_string()),
        "/api/rotate" => changing_session("rotate"),
        target => {
            let item = target.strip_prefix("/api/patch/").unwrap().to_owned();
            changing_session(&patch(&json!({ "cart": { item: 1 } })))
        }
    }
}
