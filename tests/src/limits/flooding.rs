//! A gateway before somebody who sends far more than anybody may, and what it keeps of that.

use std::io::Write as _;
use std::thread;

use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

pub(super) const KIB: usize = 1024;
pub(super) const MIB: usize = 1024 * KIB;
/// The most by which the gateway may grow whatever comes, in kB.
pub(super) const GROWTH_KB: u64 = 16 * 1024;

pub(super) fn limited(limits: &str, api: Upstream) -> Stage {
    let sections = format!("access_log: off\nlimits: {{ {limits} }}");
    let stage = Stage::set(&Settings { sections, ..Settings::default() }, api);
    // The first requests bring in the program itself and the heap of each worker, which is not what
    // is measured.
    for _ in 0..40 {
        stage.exchange(&Request::get("/public/other")).expect(200);
    }
    stage
}

/// What it takes now, in kB; the peak is counted from here.
pub(super) fn memory_now(stage: &Stage) -> u64 {
    let program = stage.symbolon.program();
    std::fs::write(format!("/proc/{}/clear_refs", program.id()), "5").unwrap();
    program.memory_kb("VmRSS")
}

/// Sends all of it while the answer is waited for, which may come before the end.
pub(super) fn flood(stage: &Stage, bytes: Vec<u8>) -> Option<Response> {
    let mut connection = stage.connect();
    let mut uplink = connection.stream().try_clone().unwrap();
    // Whoever is refused may find the connection closed before everything is sent.
    let sending = thread::spawn(move || drop(uplink.write_all(&bytes)));
    let response = connection.try_response("GET").ok();
    drop(connection);
    sending.join().unwrap();
    response
}

/// The status of a flood; and that, meanwhile, another client is answered, and little is kept.
#[track_caller]
pub(super) fn refused(stage: &Stage, status: &[u16], bytes: &[u8]) {
    let before = memory_now(stage);
    let answer = thread::scope(|scope| {
        let flooding = scope.spawn(|| flood(stage, bytes.to_vec()));
        for _ in 0..20 {
            stage.exchange(&Request::get("/public/other")).expect(200);
        }
        flooding.join().unwrap()
    });
    let answer = answer.expect("an answer before the connection is closed");
    assert!(status.contains(&answer.status), "{answer:?}");
    let after = stage.symbolon.program().memory_kb("VmHWM");
    assert!(after < before + GROWTH_KB, "it grew from {before} kB to {after} kB");
}
