//! SIGKILL while accounts are made and sessions end: what was acknowledged is on record, and the
//! chain is whole.

use std::thread;
use std::time::Duration;

use super::records;
use crate::harness::random::Random;
use crate::harness::stage::Stage;
use crate::harness::surroundings::number;
use crate::harness::symbolon::PASSWORD;

/// How often it is killed unless somebody wants to know more.
const KILLS: u64 = 3;

#[test]
fn what_was_acknowledged_is_on_record_after_kill_9() {
    let mut random = Random::new(number("SYMBOLON_SEED", 1));
    let mut stage = Stage::plain();
    let mut acknowledged = Vec::new();
    for kill in 0..number("SYMBOLON_KILLS", KILLS) {
        thread::scope(|scope| {
            let symbolon = &stage.symbolon;
            let made = scope.spawn(move || {
                let mut made = Vec::new();
                for number in 0.. {
                    let name = format!("person{kill}-{number}");
                    let words = ["user", "add", &name, "--password-stdin"];
                    let output = symbolon.command(&words, PASSWORD);
                    if !output.status.success() || made.len() > 20 {
                        break;
                    }
                    made.push(name);
                    signal_after(symbolon.program().id(), made.len(), kill);
                }
                made
            });
            acknowledged.extend(made.join().unwrap());
        });
        // This is no waiting for something: the moment is the point.
        thread::sleep(Duration::from_millis(random.below(5) as u64));
        stage.symbolon.kill();
        stage.symbolon.start_again();
        let records = records(&stage.symbolon);
        for name in &acknowledged {
            let is_it = |record: &&serde_json::Value| {
                record["kind"] == "account_created" && record["subject"] == name.as_str()
            };
            assert_eq!(records.iter().filter(is_it).count(), 1, "{name}");
        }
        let verified = stage.symbolon.run(&["audit", "verify"]);
        assert!(verified.contains("are whole"), "{verified}");
    }
    assert!(acknowledged.len() as u64 > number("SYMBOLON_KILLS", KILLS));
}

/// Kills the server itself after some accounts, while the next is being made.
fn signal_after(id: u32, made: usize, kill: u64) {
    if made as u64 == 2 + kill % 3 {
        crate::harness::program::signal(id, "KILL");
    }
}
