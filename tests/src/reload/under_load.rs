//! Configurations that follow each other while requests go through them: none is dropped, and none
//! is judged by one configuration and served by another (architecture.md 5, 7).
//!
//! `SYMBOLON_RELOADS` says how many (10,000 for the record). One in ten is broken, one in ten
//! changes who is let in; half of them are told by SIGHUP, half are noticed.

use std::sync::mpsc;
use std::thread;

use parking_lot::Mutex;

use super::streams::{Events, Messages};
use super::traffic::{Caller, Times, current};
use super::version::{Services, Version};
use crate::harness::http::{Request, exchange};
use crate::harness::patience::{eventually, now};
use crate::harness::stage::Stage;
use crate::harness::surroundings::number;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

/// How many follow each other unless somebody wants to know more.
const RELOADS: u64 = 60;
/// The most by which the process may grow between the first tenth and the end, in kB.
const GROWTH_KB: u64 = 16 * 1024;
/// The most descriptors that may be open beyond those of the beginning.
const DESCRIPTORS: usize = 32;

#[test]
fn no_request_is_dropped_or_judged_by_halves() {
    let reloads = usize::try_from(number("SYMBOLON_RELOADS", RELOADS)).unwrap();
    let services = Services::start();
    let (tick, ticks) = mpsc::channel();
    let ticks = Mutex::new(ticks);
    let api = Upstream::forgetful(move |peer| super::streams::serve(peer, &ticks));
    let passing = Upstream::forgetful(|peer| {
        while peer.request().is_some() {
            peer.write(&ok("{}"));
        }
    });
    let settings = Version(0).settings(&services, passing.address);
    let stage = Stage::set(&settings, api);
    let (times, alice) = (Times::default(), stage.alice());
    let mut events = Events::open(&stage);
    let mut messages = Messages::open(&stage);
    let mut probe = stage.connect();
    let started = usage(&stage);
    let mut settled = started;
    let began = now();

    thread::scope(|scope| {
        let (stage, times) = (&stage, &times);
        let _end = times.until_dropped();
        let caller = || Caller { stage, times, alice: alice.clone() };
        let callers = [caller(), caller(), caller(), caller()];
        let [first, second, third, fourth] = callers;
        let threads = [
            scope.spawn(move || first.keep_alive(false)),
            scope.spawn(move || second.keep_alive(true)),
            scope.spawn(move || third.anew()),
            scope.spawn(move || fourth.http2()),
        ];
        for version in (1..=reloads).map(Version) {
            // Whoever has failed says why at the end of the scope.
            if threads.iter().any(thread::ScopedJoinHandle::is_finished) {
                break;
            }
            let refused = meter(stage, "refused");
            times.write(version);
            let settings = version.settings(&services, passing.address);
            stage.symbolon.write_config(&settings.yaml(stage.api.address, stage.other.address));
            if version.0 % 4 < 2 {
                stage.symbolon.program().signal("HUP");
            }
            if version.is_broken() {
                eventually("a refusal", || (meter(stage, "refused") > refused).then_some(()));
            } else {
                let is_there = |seen: Version| (seen == version).then_some(());
                eventually("the version", || is_there(current(&mut probe, &alice)));
                times.apply(version);
            }
            tick.send(version.0).unwrap();
            events.expect(version.0);
            messages.exchange(version.0);
            if version.0 == reloads / 10 {
                settled = usage(stage);
            }
        }
    });

    let (took, ended) = ((now() - began).as_secs(), usage(&stage));
    let (applied, refused) = (meter(&stage, "applied"), meter(&stage, "refused"));
    println!(
        "{reloads} versions in {took} s, {applied} applied, {refused} refused; {} requests; \
         kB and descriptors at first {started:?}, after a tenth {settled:?}, at the end {ended:?}",
        times.served()
    );
    let broken = reloads.div_ceil(10);
    assert!(refused * 10 >= reloads / 10 * 10 && applied >= reloads - broken);
    assert!(times.served() > reloads);
    assert!(ended.0 < settled.0 + GROWTH_KB, "it grew from {settled:?} to {ended:?}");
    assert!(ended.1 < started.1 + DESCRIPTORS, "from {started:?} to {ended:?}");
}

/// Memory in kB and open descriptors.
fn usage(stage: &Stage) -> (u64, usize) {
    let program = stage.symbolon.program();
    let open = std::fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap().count();
    (program.memory_kb("VmRSS"), open)
}

/// How many reloads had this outcome.
fn meter(stage: &Stage, outcome: &str) -> usize {
    let admin = stage.symbolon.admin;
    let answer = exchange(admin, &Request::get("/metrics").with("Host", &admin.to_string()));
    let meter = format!("symbolon_reloads_total{{outcome=\"{outcome}\"}} ");
    let line = answer.text().lines().find_map(|line| line.strip_prefix(&meter)?.parse().ok());
    line.unwrap_or(0)
}
