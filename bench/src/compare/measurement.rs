//! One program in one round, and the medians over the rounds.

use std::{fmt, thread};

use anyhow::{Result, ensure};
use tokio::time::Instant;

use crate::{
    cpu_time::{self, Reading},
    load::{self, Outcome},
    peers::{Program, Surroundings},
};

/// Before each measurement: pools, caches and branch predictors fill.
const WARM_UP_SECONDS: f64 = 1.0;
/// A measurement is repeated when other programs took more than this share of the machine.
const TOLERATED: f64 = 0.05;
/// A measurement is repeated at most this often; after that the disturbance is reported.
const REPETITIONS: u32 = 5;

/// What one round showed about one program.
pub(super) struct Measured {
    /// CPU time of all its processes per request, in microseconds.
    pub(super) cpu_per_request: f64,
    /// Proportional set size of all its processes, in MiB.
    pub(super) memory: f64,
    /// The share of all cores that programs outside the measurement took.
    pub(super) others: f64,
    /// Requests per second, closed loop.
    pub(super) rate: f64,
    /// Latencies at half of that rate, open loop.
    pub(super) at_half_rate: Outcome,
}

impl Measured {
    /// Starts the program, measures it, ends it.
    pub(super) fn of(program: &Program, surroundings: &Surroundings, seconds: f64) -> Result<Self> {
        let running = program.start(surroundings)?;
        let headers = match &running.credential {
            Some(line) => Some(running.folder.write("headers.txt", line)?),
            None => None,
        };
        let closed = |seconds| load::Options {
            port: running.port,
            headers: headers.clone(),
            seconds,
            requests: u64::MAX,
            rate: None,
        };
        load::on_its_core(&closed(WARM_UP_SECONDS))?;
        let processes = running.ids();
        let mut closed_loop = ClosedLoop::of(&closed(seconds), &processes, surroundings)?;
        for _ in 0..REPETITIONS {
            if closed_loop.others <= TOLERATED {
                break;
            }
            closed_loop = ClosedLoop::of(&closed(seconds), &processes, surroundings)?;
        }
        let ClosedLoop {
            outcome,
            cpu_per_request,
            others,
        } = closed_loop;
        let memory = cpu_time::memory(&processes);
        let open = load::Options {
            rate: Some(outcome.rate() / 2.0),
            ..closed(seconds / 2.0)
        };
        Ok(Self {
            cpu_per_request,
            others,
            memory,
            rate: outcome.rate(),
            at_half_rate: load::on_its_core(&open)?,
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:6.1} µs/request {:8.0} requests/s, at half of it p50 {} µs, p99 {} µs, others {:.0} %",
            self.cpu_per_request,
            self.rate,
            self.at_half_rate.p50,
            self.at_half_rate.p99,
            self.others * 100.0
        )
    }
}

/// One run with as many requests as are answered.
struct ClosedLoop {
    outcome: Outcome,
    cpu_per_request: f64,
    others: f64,
}

impl ClosedLoop {
    fn of(load: &load::Options, proxy: &[u32], surroundings: &Surroundings) -> Result<Self> {
        let upstream = [surroundings.upstream_process];
        let began = Instant::now();
        let (machine, service, before) = (
            cpu_time::of_machine()?,
            Reading::take(&upstream)?,
            Reading::take(proxy)?,
        );
        let outcome = load::on_its_core(load)?;
        let used = Reading::take(proxy)?.since(&before);
        ensure!(
            used.threads_lost == 0,
            "{} threads ended and took their times along",
            used.threads_lost
        );
        ensure!(outcome.requests > 0, "no request was answered");

        let ours = used.time + Reading::take(&upstream)?.since(&service).time;
        let all = cpu_time::of_machine()?.saturating_sub(machine);
        let cores = thread::available_parallelism()?.get();
        let others = all.saturating_sub(ours).as_secs_f64() - outcome.cpu;
        Ok(Self {
            cpu_per_request: used.time.as_secs_f64() * 1e6 / f64::from(outcome.requests),
            others: others.max(0.0)
                / began.elapsed().as_secs_f64()
                / f64::from(u32::try_from(cores)?),
            outcome,
        })
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
        Self {
            program,
            measured: Vec::new(),
        }
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
    let lower = values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(0.0);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(
            median(vec![4.0, 1.0, 2.0, 9.0]).to_bits(),
            3.0_f64.to_bits()
        );
    }
}
