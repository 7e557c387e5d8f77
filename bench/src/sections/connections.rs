//! `connections`: ten thousand idle connections beside the usual load.

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::{ratio, table::cell},
    load::Load,
    peers::{self, Program},
    task::Task,
};

const IDLE: u32 = 10_000;
const NOBODY: &str = "nobody idle";
const MANY: &str = "many idle";

pub(super) const SECTION: Section =
    Section { name: "connections", rounds: ROUNDS, with_latency: false, programs, tables };

fn programs() -> Vec<Program> {
    let of = |(group, idle)| peers::four(group, Task { idle, ..Task::of(Load::Requests) });
    [(NOBODY, 0), (MANY, IDLE)].into_iter().flat_map(of).collect()
}

fn tables(rows: &[Row], _: &[Outcome]) -> String {
    let mut text = "\n| 10,000 idle connections | µs CPU per request without them | with them | with against without | memory MiB without them | with them | KiB for each |\n|---|--:|--:|--:|--:|--:|--:|\n".to_owned();
    let without = rows.iter().filter(|row| row.is_of(NOBODY));
    for (without, with) in without.zip(rows.iter().filter(|row| row.is_of(MANY))) {
        let cost = |row: &Row| cell(row.median(|measured| measured.cpu_per_request), 1);
        let memory = |row: &Row| row.median(|measured| measured.memory);
        text.push_str(&format!(
            "| {} | {} | {} | {:.2} | {} | {} | {:.1} |\n",
            without.program.title,
            cost(without),
            cost(with),
            ratio(with, without),
            cell(memory(without), 0),
            cell(memory(with), 0),
            (memory(with) - memory(without)) * 1024.0 / f64::from(IDLE),
        ));
    }
    text
}
