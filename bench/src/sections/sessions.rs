//! `sessions`: whether a million live sessions cost more per request than a thousand.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use tokio::time::Instant;

use crate::{
    cpu_time::{self, Reading},
    load::{Generator, Load, Order},
    machine,
    peers::symbolon::{Settings, Site},
    probe, report,
    workload::{COOKIE, PATH},
};

/// The lines of the header file are this many lines apart in the order of the seed, so that one
/// after the other they hit unrelated places. A prime, so that every line is reached.
const STRIDE: usize = 1_000_003;
/// As long as a token may live, so that looking sessions up is measured and not signing: a
/// million tokens cannot be used again within the usual minute.
const LIFETIME: &str = "10m";
/// Using each session once must not take longer.
const PATIENCE_SECONDS: f64 = 600.0;
/// How often a measurement is repeated in which a thread ended.
const MAX_REPETITIONS: usize = 5;

#[derive(Args)]
#[group(id = "sessions")]
pub(crate) struct Options {
    /// How many live sessions `sessions` has; may be given several times.
    #[arg(long = "live", default_values_t = [1_000, 1_000_000])]
    counts: Vec<u32>,
    /// Seconds per measurement of `sessions`.
    #[arg(long, default_value_t = 10.0)]
    session_seconds: f64,
}

/// Measures each count and prints the table.
pub(crate) fn run(
    options: &Options,
    symbolon: &Path,
    generator: &mut Generator,
    report: Option<&PathBuf>,
) -> Result<()> {
    let mut text = format!(
        "### Many sessions\n\n{}, {}. Each request carries another session's cookie; before the measurement each session was used once, and its internal token is still good. Workers look sessions up; what other threads do is mostly to write down when sessions were last used, at most once a minute for each.\n\n\
         | live sessions | seeded in s | start to first authenticated answer ms | memory at start MiB | memory after each was used MiB | µs CPU per request, workers | µs CPU per request, all threads |\n\
         |--:|--:|--:|--:|--:|--:|--:|\n",
        report::today(),
        machine::shape(),
    );
    for &count in &options.counts {
        let row = Row::measure(options.session_seconds, symbolon, generator, count)?;
        text.push_str(&row.markdown());
    }
    println!("{text}");
    match report {
        Some(path) => report::replace_section(path, "sessions", &text),
        None => Ok(()),
    }
}

struct Row {
    count: u32,
    seeding: Duration,
    start: Duration,
    memory_at_start: f64,
    memory_after_use: f64,
    workers_per_request: f64,
    cpu_per_request: f64,
}

impl Row {
    fn measure(
        seconds: f64,
        symbolon: &Path,
        generator: &mut Generator,
        count: u32,
    ) -> Result<Self> {
        let settings = Settings::authenticating("[session]").with_lifetime(LIFETIME);
        let site = Site::new(symbolon, generator.upstream, &settings)?;
        site.add_account()?;
        let began = Instant::now();
        let tokens = site.seed_sessions(count)?;
        let seeding = began.elapsed();
        let lines = header_lines(&tokens);
        let first = lines.first().context("no sessions were seeded")?;
        ensure!(lines.len() == count as usize, "{} sessions were seeded", lines.len());
        let headers = site.folder.write("headers.txt", &lines.join("\n"))?;

        let began = Instant::now();
        let process = site.serve()?;
        let answer = probe::get(site.port, PATH, &[first])?;
        let start = began.elapsed();
        ensure!(answer.status == 200, "a seeded session: {answer:?}");
        let memory_at_start = cpu_time::memory(&[process.id()]);

        let each_once = Order {
            seconds: PATIENCE_SECONDS,
            requests: u64::from(count),
            headers,
            ..Order::new(Load::Requests, site.port)
        };
        let order = Order { seconds, requests: u64::MAX, ..each_once.clone() };
        generator.carry_out(&each_once)?;
        let mut measure = || -> Result<_> {
            let before = Reading::take(&[process.id()])?;
            let outcome = generator.carry_out(&order)?;
            Ok((outcome, Reading::take(&[process.id()])?.since(&before)))
        };
        let (mut outcome, mut used) = measure()?;
        // One that has been idle since the start ends about now, and takes its time with it.
        for _ in 0..MAX_REPETITIONS {
            if used.threads_lost == 0 {
                break;
            }
            (outcome, used) = measure()?;
        }
        ensure!(used.threads_lost == 0, "{} threads ended", used.threads_lost);
        Ok(Self {
            count,
            seeding,
            start,
            memory_at_start,
            memory_after_use: cpu_time::memory(&[process.id()]),
            workers_per_request: used.workers.as_secs_f64() * 1e6 / f64::from(outcome.requests),
            cpu_per_request: used.time.as_secs_f64() * 1e6 / f64::from(outcome.requests),
        })
    }

    fn markdown(&self) -> String {
        format!(
            "| {} | {:.1} | {} | {:.0} | {:.0} | {:.1} | {:.1} |\n",
            self.count,
            self.seeding.as_secs_f64(),
            self.start.as_millis(),
            self.memory_at_start,
            self.memory_after_use,
            self.workers_per_request,
            self.cpu_per_request,
        )
    }
}

/// A header line for each token, in another order than they were made.
fn header_lines(tokens: &str) -> Vec<String> {
    let tokens: Vec<&str> = tokens.lines().collect();
    (0..tokens.len())
        .filter_map(|number| tokens.get(number * STRIDE % tokens.len()))
        .map(|token| format!("cookie: {COOKIE}={token}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::header_lines;

    #[test]
    fn every_token_gets_a_line() {
        let tokens: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
        let mut lines = header_lines(&tokens.join("\n"));
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 1_000);
    }
}
