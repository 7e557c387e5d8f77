//! What spoils a measurement from outside: other programs, and cores that moved apart; and threads
//! that ended and took their times along, as those do that hash passwords and then have nothing to
//! do for a while.

use std::{thread, time::Duration};

use anyhow::Result;
use tokio::time::Instant;

use crate::{
    core_distance,
    cpu_time::{self, Reading},
};

/// Other programs may take this share of the machine.
const OTHERS: f64 = 0.05;
/// Cores that share a cache are nearer than this.
const NEAR: Duration = Duration::from_nanos(200);
/// How long it waits before it looks for near cores again.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks on while a measurement runs.
pub(super) struct Watch {
    processes: Vec<u32>,
    before: Reading,
    machine_before: Duration,
    began: Instant,
    round_trip: Duration,
}

/// What happened meanwhile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disturbance {
    /// The share of all cores that programs outside the measurement took.
    pub(super) others: f64,
    /// The longer of the round trips between the two cores before and after.
    pub(super) round_trip: Duration,
    /// Threads of those who take part that ended.
    pub(super) threads_lost: usize,
}

impl Watch {
    /// Waits until the cores are near each other, but not past `patience`, and begins. `processes`
    /// are those that take part.
    pub(super) fn begin(processes: Vec<u32>, patience: Instant) -> Result<Self> {
        let mut round_trip = core_distance::round_trip()?;
        while round_trip >= NEAR && Instant::now() < patience {
            thread::sleep(PAUSE);
            round_trip = core_distance::round_trip()?;
        }
        Ok(Self {
            before: Reading::take(&processes)?,
            machine_before: cpu_time::of_machine()?,
            processes,
            began: Instant::now(),
            round_trip,
        })
    }

    /// Ends and says what happened.
    pub(super) fn end(self) -> Result<Disturbance> {
        let machine = cpu_time::of_machine()?.saturating_sub(self.machine_before);
        let ours = Reading::take(&self.processes)?.since(&self.before);
        let cores = u32::try_from(thread::available_parallelism()?.get())?;
        let available = self.began.elapsed() * cores;
        Ok(Disturbance {
            others: machine.saturating_sub(ours.time).div_duration_f64(available),
            round_trip: core_distance::round_trip()?.max(self.round_trip),
            threads_lost: ours.threads_lost,
        })
    }
}

impl Disturbance {
    /// Nothing happened.
    pub(super) const NONE: Self = Self { others: 0.0, round_trip: Duration::ZERO, threads_lost: 0 };

    /// Whether the measurement counts.
    pub(super) fn is_tolerable(self) -> bool {
        self.others <= OTHERS && self.round_trip < NEAR && self.threads_lost == 0
    }

    /// The worse of both in each respect.
    pub(super) fn or_worse(self, other: Self) -> Self {
        Self {
            others: self.others.max(other.others),
            round_trip: self.round_trip.max(other.round_trip),
            threads_lost: self.threads_lost.max(other.threads_lost),
        }
    }
}
