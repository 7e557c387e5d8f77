//! How far apart the two cores are: the time a cache line takes from one to the other and back.
//!
//! A virtual machine's cores are moved about on the host. Where they no longer share a cache, every
//! proxied request costs about twice as much, whatever the proxy, and a comparison across such a
//! move says nothing. So the distance is taken before and after each measurement.

use std::{
    fs, hint,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, ensure};
use tokio::time::Instant;

use crate::workload::{LOAD_CORE, PROXY_CORE};

/// Round trips per reading: some milliseconds.
const ROUND_TRIPS: u32 = 20_000;
/// Readings; the smallest counts, since an interrupt only ever adds.
const READINGS: u32 = 3;

/// The time of one round trip between the proxy's core and the load generator's.
pub(crate) fn round_trip() -> Result<Duration> {
    let mut smallest = Duration::MAX;
    for _ in 0..READINGS {
        smallest = smallest.min(reading()?);
    }
    Ok(smallest)
}

fn reading() -> Result<Duration> {
    let turn = AtomicU32::new(0);
    let here = || -> Result<Duration> {
        pin_this_thread(PROXY_CORE)?;
        // The first round trip waits until the other side is pinned too.
        pass(&turn, 0);
        wait_for(&turn, 0);
        let began = Instant::now();
        for _ in 0..ROUND_TRIPS {
            pass(&turn, 0);
            wait_for(&turn, 0);
        }
        Ok(began.elapsed() / ROUND_TRIPS)
    };
    let there = || -> Result<()> {
        let pinned = pin_this_thread(LOAD_CORE);
        for _ in 0..=ROUND_TRIPS {
            wait_for(&turn, 1);
            pass(&turn, 1);
        }
        pinned
    };
    thread::scope(|scope| {
        let (one, other) = (scope.spawn(here), scope.spawn(there));
        other.join().map_err(|_| anyhow!("the far thread panicked"))??;
        one.join().map_err(|_| anyhow!("the near thread panicked"))?
    })
}

fn pass(turn: &AtomicU32, from: u32) {
    turn.store(1 - from, Ordering::Release);
}

fn wait_for(turn: &AtomicU32, mine: u32) {
    while turn.load(Ordering::Acquire) != mine {
        hint::spin_loop();
    }
}

fn pin_this_thread(core: u32) -> Result<()> {
    // `/proc/thread-self` leads to PID/task/TID.
    let own = fs::read_link("/proc/thread-self").context("cannot find this thread")?;
    let thread = own.file_name().context("cannot find this thread")?;
    let status = Command::new("taskset")
        .args(["--cpu-list", "--pid", &core.to_string()])
        .arg(thread)
        .stdout(Stdio::null())
        .status()
        .context("cannot start taskset")?;
    ensure!(status.success(), "taskset failed: {status}");
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_round_trip_takes_time() {
        assert!(super::round_trip().unwrap().as_nanos() > 10);
    }
}
