//! A crowd of one kind before a gateway, and what it makes of the gateway.

use std::fs;
use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::kind::LARGE;
use crate::harness::http::{Request, exchange};
use crate::harness::socket::Socket;
use crate::harness::stage::Stage;
use crate::harness::surroundings::number;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

/// How many there are unless somebody wants to know more.
const SIZE: u64 = 200;
/// Descriptors of either process that are not a client's.
const OTHERS: usize = 400;
/// How often a client that dribbles sends a byte.
const DRIBBLE: Duration = Duration::from_secs(10);
/// How much of a large answer there is for each of a crowd, in bytes: more than the gateway and its
/// system keep for a client, and so little that ten thousand of them do not use up what the system
/// has for all; and no more than the windows of 100 streams over HTTP/2.
pub(super) const LITTLE: usize = 120 * 1024;
/// The same for one of a few: more than is kept by anybody.
pub(super) const MUCH: usize = 16 * 1024 * 1024;

/// How many clients are asked for, and how many there can be where each has a descriptor in either
/// process, or two; the gateway keeps an eighth for those who are in.
pub(super) fn size(descriptors_each: usize) -> usize {
    let wanted = usize::try_from(number("SYMBOLON_CROWD", SIZE)).unwrap();
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let descriptors: usize = line.split_whitespace().next().unwrap().parse().unwrap();
    wanted.min(descriptors.saturating_sub(OTHERS) / 8 * 7 / descriptors_each)
}

/// The service: what it is asked for, and a large answer of which it gives so much.
pub(super) fn service(written: usize) -> Upstream {
    Upstream::forgetful(move |peer| {
        while let Some(request) = peer.request() {
            if request.target() == LARGE {
                peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
                peer.write(&vec![b'x'; written]);
                return peer.wait_until_closed();
            }
            peer.write(&ok("{}"));
        }
    })
}

/// How many connections the gateway has.
pub(super) fn connections(stage: &Stage) -> usize {
    let admin = stage.symbolon.admin;
    let answer = exchange(admin, &Request::get("/metrics").with("Host", &admin.to_string()));
    let line = answer.text().lines().find_map(|line| line.strip_prefix("symbolon_connections "));
    line.unwrap().parse().unwrap()
}

/// Lets every client send a byte now and then while `meanwhile` goes on.
pub(super) fn dribbling<T>(crowd: &mut [Socket], meanwhile: impl FnOnce() -> T) -> T {
    let pause = DRIBBLE / u32::try_from(crowd.len()).unwrap();
    let (over, is_over) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            for turn in 0.. {
                let client = &mut crowd[turn % crowd.len()];
                // It may have been cut off.
                let _ = client.write_all(b"x").and_then(|()| client.flush());
                if is_over.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        let outcome = meanwhile();
        drop(over);
        outcome
    })
}

/// What it takes now, in kB; the peak is counted from here.
pub(super) fn memory_now(stage: &Stage) -> u64 {
    let program = stage.symbolon.program();
    fs::write(format!("/proc/{}/clear_refs", program.id()), "5").unwrap();
    program.memory_kb("VmRSS")
}

/// What the system keeps for all TCP connections together, in kB.
pub(super) fn system_memory() -> u64 {
    let table = fs::read_to_string("/proc/net/sockstat").unwrap();
    let line = table.lines().find_map(|line| line.strip_prefix("TCP: ")).unwrap();
    line.rsplit(' ').next().unwrap().parse::<u64>().unwrap() * 4
}
