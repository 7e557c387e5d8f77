//! One program in one round, and the medians over the rounds.

use std::{fmt, path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use tokio::time::Instant;

use super::disturbance::{Disturbance, Watch};
use crate::{
    cpu_time::{self, Reading},
    load::{Generator, Order, Outcome},
    peers::{Program, Surroundings},
};

/// Before each measurement: pools, caches and branch predictors fill.
const WARM_UP_SECONDS: f64 = 1.0;
/// For this long a disturbed measurement is repeated; then it counts, and the disturbance is
/// reported.
const PATIENCE: Duration = Duration::from_mins(1);

/// What one round showed about one program.
pub(super) struct Measured {
    /// CPU time of all its processes per request, in microseconds.
    pub(super) cpu_per_request: f64,
    /// Proportional set size of all its processes, in MiB.
    pub(super) memory: f64,
    /// Requests per second, closed loop.
    pub(super) rate: f64,
    /// Latencies at half of that rate, open loop.
    pub(super) at_half_rate: Outcome,
    /// What happened meanwhile.
    pub(super) disturbance: Disturbance,
}

impl Measured {
    /// Starts the program, measures it until that went undisturbed, ends it.
    pub(super) fn of(
        program: &Program,
        surroundings: &Surroundings,
        generator: &mut Generator,
        seconds: f64,
    ) -> Result<Self> {
        let running = program.start(surroundings)?;
        let headers = match &running.credential {
            Some(line) => running.folder.write("headers.txt", line)?,
            None => PathBuf::new(),
        };
        let order = Order { port: running.port, seconds, requests: u64::MAX, rate: 0.0, headers };
        generator.carry_out(&Order { seconds: WARM_UP_SECONDS, ..order.clone() })?;
        let processes = running.ids();
        let patience = Instant::now() + PATIENCE;
        loop {
            let measured = Self::once(&order, &processes, generator, patience)?;
            if measured.disturbance.is_tolerable() || Instant::now() > patience {
                return Ok(measured);
            }
        }
    }

    fn once(
        order: &Order,
        processes: &[u32],
        generator: &mut Generator,
        patience: Instant,
    ) -> Result<Self> {
        let watch = Watch::begin([processes, &[generator.id()]].concat(), patience)?;
        let before = Reading::take(processes)?;
        let closed = generator.carry_out(order)?;
        let used = Reading::take(processes)?.since(&before);
        let memory = cpu_time::memory(processes);
        let (seconds, rate) = (order.seconds / 2.0, closed.rate() / 2.0);
        let at_half_rate = generator.carry_out(&Order { seconds, rate, ..order.clone() })?;
        let disturbance = watch.end()?;

        let lost = used.threads_lost;
        ensure!(lost == 0, "{lost} threads ended and took their times along");
        ensure!(closed.requests > 0, "no request was answered");
        Ok(Self {
            cpu_per_request: used.time.as_secs_f64() * 1e6 / f64::from(closed.requests),
            memory,
            rate: closed.rate(),
            at_half_rate,
            disturbance,
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:6.1} µs/request {:8.0} requests/s, at half of it p50 {} µs, p99 {} µs; \
             others {:.0} %, cores {:?} apart",
            self.cpu_per_request,
            self.rate,
            self.at_half_rate.p50,
            self.at_half_rate.p99,
            self.disturbance.others * 100.0,
            self.disturbance.round_trip,
        )
    }
}

/// A program and what each round showed about it.
pub(super) struct Row {
    /// The program.
    pub(super) program: &'static Program,
    /// One entry a round.
    pub(super) measured: Vec<Measured>,
}

impl Row {
    /// A row without rounds.
    pub(super) fn new(program: &'static Program) -> Self {
        Self { program, measured: Vec::new() }
    }

    /// The median over the rounds of one figure.
    pub(super) fn median(&self, figure: impl Fn(&Measured) -> f64) -> f64 {
        median(self.measured.iter().map(figure).collect())
    }
}

/// The middle value, or the mean of the two in the middle; 0 of nothing.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or(0.0);
    let lower = values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0.0);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]).to_bits(), 3.0_f64.to_bits());
    }
}
