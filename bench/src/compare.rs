//! `compare`: every program in turn, several rounds, medians.

mod disturbance;
mod measurement;
mod table;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use self::{
    disturbance::Disturbance,
    measurement::{Measured, Row},
};
use crate::{
    credential,
    load::{Generator, Order},
    machine,
    peers::{PROGRAMS, Program, Surroundings},
    report,
};

/// The rate at which a call without a proxy is timed.
const DIRECT_RATE: f64 = 10_000.0;

#[derive(Args)]
pub(crate) struct Options {
    /// Rounds; the median of them is printed.
    #[arg(long, default_value_t = 7)]
    rounds: u32,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Only this program; may be given several times.
    #[arg(long)]
    only: Vec<String>,
    /// Sessions that those peers hold that hold sessions.
    #[arg(long, default_value_t = 10_000)]
    sessions: u32,
    /// The binary of Symbolon.
    #[arg(long)]
    symbolon: PathBuf,
    /// The binary of Envoy.
    #[arg(long)]
    envoy: PathBuf,
    /// The Markdown file to write; not written when only some programs are measured.
    #[arg(long)]
    report: Option<PathBuf>,
}

/// Measures, prints the table, writes the report.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut generator = Generator::start()?;
    let surroundings = Surroundings {
        upstream: generator.upstream,
        sessions: options.sessions,
        token: credential::signed_token()?,
        symbolon: options.symbolon.clone(),
        envoy: options.envoy.clone(),
    };
    let mut rows: Vec<Row> =
        PROGRAMS.iter().filter(|program| wanted(options, program)).map(Row::new).collect();
    ensure!(!rows.is_empty(), "no program has that name");

    let mut direct = Vec::new();
    for round in 1..=options.rounds {
        direct.push(generator.carry_out(&Order {
            port: generator.upstream,
            seconds: options.seconds / 2.0,
            requests: u64::MAX,
            rate: DIRECT_RATE,
            headers: PathBuf::new(),
        })?);
        // Each round begins with another program, so that none is always first.
        let first = round as usize % rows.len();
        rows.rotate_left(first);
        for row in &mut rows {
            let measured =
                Measured::of(row.program, &surroundings, &mut generator, options.seconds)?;
            println!("round {round}: {:<20} {measured}", row.program.name);
            row.measured.push(measured);
        }
        rows.rotate_right(first);
    }

    let text = format!("{}\n{}", head(options, &rows), table::markdown(&rows, &direct));
    println!("\n{text}");
    match &options.report {
        Some(path) if options.only.is_empty() => report::replace_section(path, "peers", &text),
        _ => Ok(()),
    }
}

fn wanted(options: &Options, program: &Program) -> bool {
    options.only.is_empty() || options.only.iter().any(|name| name == program.name)
}

fn head(options: &Options, rows: &[Row]) -> String {
    let worst = rows
        .iter()
        .flat_map(|row| &row.measured)
        .fold(Disturbance::NONE, |worst, measured| worst.or_worse(measured.disturbance));
    format!(
        "{date}, {shape}. Medians of {rounds} interleaved rounds of {seconds} s. \
         While a program was measured, others took at most {others:.0} % of the machine, and a \
         cache line went from one core to the other and back in at most {round_trip} ns. \
         {nginx}; {haproxy}; Envoy {envoy}.\n",
        date = report::today(),
        shape = machine::shape(),
        rounds = options.rounds,
        seconds = options.seconds,
        others = worst.others * 100.0,
        round_trip = worst.round_trip.as_nanos(),
        nginx = machine::version("/usr/sbin/nginx", "-v"),
        haproxy = machine::version("/usr/sbin/haproxy", "-v"),
        envoy = machine::version(&options.envoy.to_string_lossy(), "--version")
            .split('/')
            .rev()
            .nth(3)
            .unwrap_or("of unknown version"),
    )
}
