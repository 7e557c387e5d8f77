//! Every program of a section in turn, several rounds, medians.

mod disturbance;
mod measurement;
pub(crate) mod table;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

pub(crate) use self::measurement::{Measured, Row, ratio};
use self::{disturbance::Disturbance, measurement::Manner};
use crate::{
    load::{Generator, Load, Order, Outcome},
    machine,
    peers::{Program, Surroundings},
    report,
};

/// The rate at which a call without a proxy is timed.
const DIRECT_RATE: f64 = 10_000.0;

/// What is measured together and reported together.
pub(crate) struct Section {
    /// What it is called by people and in the report.
    pub(crate) name: &'static str,
    /// Its heading in the report.
    pub(crate) title: &'static str,
    /// Rounds, unless somebody says otherwise.
    pub(crate) rounds: u32,
    /// Whether latencies are measured as well.
    pub(crate) with_latency: bool,
    /// Its programs.
    pub(crate) programs: fn() -> Vec<Program>,
    /// Its tables, of the rows and of the latencies without a proxy.
    pub(crate) tables: fn(&[Row], &[Outcome]) -> String,
}

#[derive(Args)]
#[group(id = "compared")]
pub(crate) struct Options {
    /// Rounds; the median of them is printed.
    #[arg(long)]
    rounds: Option<u32>,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 2.0)]
    pub(crate) seconds: f64,
    /// Only this program; may be given several times.
    #[arg(long)]
    pub(crate) only: Vec<String>,
    /// For how many seconds a disturbed measurement is repeated before it counts all the same.
    #[arg(long, default_value_t = 60)]
    patience: u64,
}

/// Measures a section, prints it and, if all of it was measured, writes it into the report.
pub(crate) fn run(
    section: &Section,
    options: &Options,
    surroundings: &Surroundings,
    generator: &mut Generator,
    report: Option<&PathBuf>,
) -> Result<()> {
    let rounds = options.rounds.unwrap_or(section.rounds);
    let manner = Manner {
        seconds: options.seconds,
        with_latency: section.with_latency,
        patience: std::time::Duration::from_secs(options.patience),
    };
    let programs = (section.programs)().into_iter();
    let mut rows: Vec<Row> =
        programs.filter(|program| wanted(options, program)).map(Row::new).collect();
    ensure!(!rows.is_empty(), "no program of `{}` has that name", section.name);

    let mut direct = Vec::new();
    for round in 1..=rounds {
        if section.with_latency {
            let seconds = options.seconds / 2.0;
            let order = Order::new(Load::Requests, generator.upstream);
            direct.push(generator.carry_out(&Order { seconds, rate: DIRECT_RATE, ..order })?);
        }
        // Each round begins with another program, so that none is always first.
        let first = round as usize % rows.len();
        rows.rotate_left(first);
        for row in &mut rows {
            let measured = Measured::of(&row.program, surroundings, generator, &manner)?;
            let Program { name, group, .. } = row.program;
            println!("{}, round {round}: {group}: {name:<20} {measured}", section.name);
            row.measured.push(measured);
        }
        rows.rotate_right(first);
    }

    let head = head(rounds, options, surroundings, &rows);
    let text = format!("### {}\n\n{head}{}", section.title, (section.tables)(&rows, &direct));
    println!("\n{text}");
    match report {
        Some(path) if options.only.is_empty() => report::replace_section(path, section.name, &text),
        _ => Ok(()),
    }
}

fn wanted(options: &Options, program: &Program) -> bool {
    options.only.is_empty() || options.only.iter().any(|name| name == program.name)
}

fn head(rounds: u32, options: &Options, surroundings: &Surroundings, rows: &[Row]) -> String {
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
        seconds = options.seconds,
        others = worst.others * 100.0,
        round_trip = worst.round_trip.as_nanos(),
        nginx = machine::version("/usr/sbin/nginx", "-v"),
        haproxy = machine::version("/usr/sbin/haproxy", "-v"),
        envoy = machine::version(&surroundings.envoy.to_string_lossy(), "--version")
            .split('/')
            .rev()
            .nth(3)
            .unwrap_or("of unknown version"),
    )
}
