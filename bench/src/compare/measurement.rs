//! One program in one round, and the medians over the rounds.

use std::{fmt, path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use tokio::time::Instant;

use super::disturbance::{Disturbance, Watch};
use crate::{
    cpu_time::{self, Reading},
    load::{Generator, Load, Order, Outcome},
    peers::{Program, Proof, Running, Surroundings},
    workload::path_on_route,
};

/// Before each measurement: pools, caches and branch predictors fill.
const WARM_UP_SECONDS: f64 = 1.0;
/// Threads that had something to do at the start and idle end within seconds, and then no more:
/// that may spoil so many measurements.
const MOST_SPOILED: u32 = 5;
/// Asking each route once must not take longer.
const EACH_ONCE_SECONDS: f64 = 60.0;
/// The lines of the file with paths are so many routes apart, so that one after the other they hit
/// unrelated places. A prime, so that every route is reached.
const STRIDE: u32 = 7_919;

/// How programs are measured.
pub(super) struct Manner {
    /// How long a measurement takes.
    pub(super) seconds: f64,
    /// Whether latencies are measured as well.
    pub(super) with_latency: bool,
    /// For this long a disturbed measurement is repeated; then it counts, and the disturbance is
    /// reported.
    pub(super) patience: Duration,
}

/// What one round showed about one program.
pub(crate) struct Measured {
    /// CPU time of all its processes per request, in microseconds.
    pub(crate) cpu_per_request: f64,
    /// Proportional set size of all its processes, in MiB.
    pub(crate) memory: f64,
    /// Requests per second, closed loop.
    pub(crate) rate: f64,
    /// Latencies at half of that rate, open loop.
    pub(crate) at_half_rate: Option<Outcome>,
    /// What happened meanwhile.
    pub(super) disturbance: Disturbance,
}

impl Measured {
    /// Starts the program, measures it until that went undisturbed, ends it.
    pub(super) fn of(
        program: &Program,
        surroundings: &Surroundings,
        generator: &mut Generator,
        manner: &Manner,
    ) -> Result<Self> {
        let running = program.start(surroundings)?;
        let order = order(program, &running, surroundings, manner)?;
        let routes = u64::from(program.task.routes);
        if routes > 0 {
            let seconds = EACH_ONCE_SECONDS;
            generator.carry_out(&Order { seconds, requests: routes, ..order.clone() })?;
        }
        let hold = |count| Order { requests: count, ..Order::new(Load::Hold, running.port) };
        if program.task.idle > 0 {
            generator.carry_out(&hold(program.task.idle.into()))?;
        }
        generator.carry_out(&Order { seconds: WARM_UP_SECONDS, ..order.clone() })?;
        let processes = running.ids();
        let patience = Instant::now() + manner.patience;
        let mut spoiled = 0;
        let measured = loop {
            let measured = Self::once(&order, &processes, generator, manner, patience)?;
            if measured.disturbance.threads_lost > 0 {
                spoiled += 1;
                ensure!(spoiled < MOST_SPOILED, "threads end and take their times along");
            } else if measured.disturbance.is_tolerable() || Instant::now() > patience {
                break measured;
            }
        };
        if program.task.idle > 0 {
            generator.carry_out(&hold(0))?;
        }
        Ok(measured)
    }

    fn once(
        order: &Order,
        processes: &[u32],
        generator: &mut Generator,
        manner: &Manner,
        patience: Instant,
    ) -> Result<Self> {
        let watch = Watch::begin([processes, &[generator.id()]].concat(), patience)?;
        let before = Reading::take(processes)?;
        let closed = generator.carry_out(order)?;
        let used = Reading::take(processes)?.since(&before);
        let memory = cpu_time::memory(processes);
        let (seconds, rate) = (order.seconds / 2.0, closed.rate() / 2.0);
        let at_half_rate = if manner.with_latency {
            Some(generator.carry_out(&Order { seconds, rate, ..order.clone() })?)
        } else {
            None
        };
        let disturbance = watch.end()?;

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

/// What the load generator is told about the program.
fn order(
    program: &Program,
    running: &Running,
    surroundings: &Surroundings,
    manner: &Manner,
) -> Result<Order> {
    let proof = running.proof.as_ref();
    let headers = match proof.and_then(Proof::fixed_line) {
        Some(line) => running.folder.write("headers.txt", line)?,
        None => PathBuf::new(),
    };
    let paths = match program.task.routes {
        0 => PathBuf::new(),
        count => {
            let number = |turn| u64::from(turn) * u64::from(STRIDE) % u64::from(count);
            let paths: Result<Vec<String>> =
                (0..count).map(|turn| Ok(path_on_route(number(turn).try_into()?))).collect();
            running.folder.write("paths.txt", &paths?.join("\n"))?
        }
    };
    let authority = surroundings.certificate.authority.clone();
    let client = proof.and_then(Proof::client).map(PathBuf::from).unwrap_or_default();
    let seconds = manner.seconds;
    let order = Order::new(program.task.load, running.port);
    Ok(Order { seconds, headers, paths, authority, client, ..order })
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:6.1} µs {:8.0}/s {:5.0} MiB; ", self.cpu_per_request, self.rate, self.memory)?;
        if let Some(latency) = self.at_half_rate {
            write!(f, "at half of it p50 {} µs, p99 {} µs; ", latency.p50, latency.p99)?;
        }
        write!(
            f,
            "others {:.0} %, cores {:?} apart",
            self.disturbance.others * 100.0,
            self.disturbance.round_trip,
        )
    }
}

/// A program and what each round showed about it.
pub(crate) struct Row {
    /// The program.
    pub(crate) program: Program,
    /// One entry a round.
    pub(super) measured: Vec<Measured>,
}

impl Row {
    /// A row without rounds.
    pub(super) fn new(program: Program) -> Self {
        Self { program, measured: Vec::new() }
    }

    /// Whether it belongs to this group.
    pub(crate) fn is_of(&self, group: &str) -> bool {
        self.program.group == group
    }

    /// The median over the rounds of one figure.
    pub(crate) fn median(&self, figure: impl Fn(&Measured) -> f64) -> f64 {
        median(self.measured.iter().map(figure).collect())
    }
}

/// The median of the ratios of CPU time round by round: what slows a whole round down drops out.
pub(crate) fn ratio(one: &Row, other: &Row) -> f64 {
    let pairs = one.measured.iter().zip(&other.measured);
    median(pairs.map(|(one, other)| one.cpu_per_request / other.cpu_per_request).collect())
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
