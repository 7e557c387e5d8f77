//! `connections`: ten thousand idle connections beside the usual load.

use std::fmt::Write;

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::{ratio, table::cell},
    load::Load,
    machine,
    peers::{self, Program},
    task::Task,
    workload::CONNECTIONS,
};

/// Idle connections, where the system allows so many.
const IDLE: u32 = 10_000;
/// Descriptors that programs keep for something else.
const RESERVED: u32 = 256;
const NOBODY: &str = "nobody idle";
const MANY: &str = "many idle";

pub(super) const SECTION: Section = Section {
    name: "connections",
    title: "Many connections",
    rounds: ROUNDS,
    with_latency: false,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    let of = |(group, idle)| peers::four(group, Task { idle, ..Task::of(Load::Requests) });
    [(NOBODY, 0), (MANY, idle(machine::descriptors()))].into_iter().flat_map(of).collect()
}

/// As many as there can be with so many descriptors: Symbolon and HAProxy want two for each
/// connection, one of them for the upstream. In whole hundreds.
fn idle(descriptors: u32) -> u32 {
    let possible = (descriptors.saturating_sub(RESERVED) / 2).saturating_sub(CONNECTIONS);
    possible.min(IDLE) / 100 * 100
}

fn tables(rows: &[Row], _: &[Outcome]) -> String {
    let idle = rows.iter().map(|row| row.program.task.idle).max().unwrap_or(0);
    let mut text = format!(
        "\n| {idle} idle connections | µs CPU per request without them | with them | with against without | memory MiB without them | with them | KiB for each |\n|---|--:|--:|--:|--:|--:|--:|\n"
    );
    let without = rows.iter().filter(|row| row.is_of(NOBODY));
    for (without, with) in without.zip(rows.iter().filter(|row| row.is_of(MANY))) {
        let cost = |row: &Row| cell(row.median(|measured| measured.cpu_per_request), 1);
        let memory = |row: &Row| row.median(|measured| measured.memory);
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} | {} | {} | {:.1} |",
            without.program.title,
            cost(without),
            cost(with),
            ratio(with, without),
            cell(memory(without), 0),
            cell(memory(with), 0),
            (memory(with) - memory(without)) * 1024.0 / f64::from(idle),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::idle;

    #[test]
    fn descriptors_bound_the_idle() {
        assert_eq!([idle(20_000), idle(65_536), idle(100)], [9_800, 10_000, 0]);
    }
}
