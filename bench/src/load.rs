//! The load generator: keep-alive connections, one blocking thread each, no pipelining.
//!
//! Closed loop (no `--rate`): each connection sends its next request as soon as it has the answer.
//! Open loop: requests are due at fixed times; one that is sent late because the connection still
//! waited for an answer is counted from when it was due, so a stall is not hidden.

mod connection;
mod outcome;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use tokio::time::Instant;

use self::connection::Connection;
pub(crate) use self::outcome::Outcome;
use crate::{cpu_time::of_this_process, pinned, workload};

/// A connection's thread needs no more.
const STACK: usize = 128 * 1024;

#[derive(Args, Clone)]
pub(crate) struct Options {
    /// The port of the loopback address.
    #[arg(long)]
    pub(crate) port: u16,
    /// Header lines, one a line of the file; the connections take turns with them.
    #[arg(long)]
    pub(crate) headers: Option<PathBuf>,
    /// Seconds to run.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) seconds: f64,
    /// Stop after this many requests, should the time not be over.
    #[arg(long, default_value_t = u64::MAX)]
    pub(crate) requests: u64,
    /// Requests per second over all connections; without it as many as are answered.
    #[arg(long)]
    pub(crate) rate: Option<f64>,
}

/// Runs and prints the outcome in one line.
pub(crate) fn run(options: &Options) -> Result<()> {
    println!("{}", generate(options)?);
    Ok(())
}

/// Runs the load generator as a process of its own on its core.
pub(crate) fn on_its_core(options: &Options) -> Result<Outcome> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let mut command = pinned::on_core(workload::LOAD_CORE, own);
    command
        .args(["load", "--port", &options.port.to_string()])
        .args(["--seconds", &options.seconds.to_string()])
        .args(["--requests", &options.requests.to_string()]);
    if let Some(headers) = &options.headers {
        command.arg("--headers").arg(headers);
    }
    if let Some(rate) = options.rate {
        command.args(["--rate", &rate.to_string()]);
    }
    let output = command
        .output()
        .context("cannot start the load generator")?;
    String::from_utf8_lossy(&output.stdout)
        .parse()
        .with_context(|| {
            format!(
                "the load generator said: {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
}

fn generate(options: &Options) -> Result<Outcome> {
    let headers = match &options.headers {
        Some(path) => std::fs::read_to_string(path).context("cannot read the header lines")?,
        None => String::new(),
    };
    let requests: Arc<[Vec<u8>]> = Connection::requests(options.port, &headers).into();
    let plan = Plan {
        until: Instant::now() + Duration::from_secs_f64(options.seconds),
        interval: options
            .rate
            .map(|rate| f64::from(workload::CONNECTIONS) / rate),
        left: Arc::new(AtomicU64::new(options.requests)),
        started: Instant::now(),
    };
    let threads = (0..workload::CONNECTIONS)
        .map(|number| {
            let (plan, requests, port) = (plan.clone(), Arc::clone(&requests), options.port);
            let work = move || converse(number, &requests, port, &plan);
            thread::Builder::new()
                .stack_size(STACK)
                .spawn(work)
                .context("cannot start a thread")
        })
        .collect::<Result<Vec<_>>>()?;
    let mut microseconds = Vec::new();
    for thread in threads {
        microseconds.extend(
            thread
                .join()
                .map_err(|_| anyhow!("a connection panicked"))??,
        );
    }
    Ok(Outcome::of(
        microseconds,
        plan.started.elapsed(),
        of_this_process()?,
    ))
}

#[derive(Clone)]
struct Plan {
    started: Instant,
    until: Instant,
    /// Seconds between two requests of one connection; none in the closed loop.
    interval: Option<f64>,
    left: Arc<AtomicU64>,
}

/// Talks on one connection until the plan is over; returns what each request took.
fn converse(number: u32, requests: &[Vec<u8>], port: u16, plan: &Plan) -> Result<Vec<u32>> {
    let mut connection = Connection::open(port)?;
    let mut taken = Vec::new();
    // The connections begin at different lines and different times.
    let mut turn = number as usize;
    let mut due = plan.started
        + Duration::from_secs_f64(
            plan.interval.unwrap_or(0.0) * f64::from(number) / f64::from(workload::CONNECTIONS),
        );
    while let Some(request) = requests.get(turn % requests.len().max(1)) {
        let from = match plan.interval {
            None => Instant::now(),
            Some(interval) => {
                let from = wait_until(due);
                due += Duration::from_secs_f64(interval);
                from
            }
        };
        if from >= plan.until || !take_one(&plan.left) {
            break;
        }
        connection.ask(request)?;
        taken.push(u32::try_from(from.elapsed().as_micros()).unwrap_or(u32::MAX));
        turn += workload::CONNECTIONS as usize;
    }
    Ok(taken)
}

/// When the request counts as sent: now if it was waited for, else when it was due.
fn wait_until(due: Instant) -> Instant {
    match due.checked_duration_since(Instant::now()) {
        None => due,
        Some(left) => {
            thread::sleep(left);
            // Waking up late is the generator's delay, not the proxy's.
            Instant::now()
        }
    }
}

fn take_one(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(1)
    })
    .is_ok()
}
