//! `routes`: whether ten thousand routes cost more per request than ten.

use std::fmt::Write;

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::{ratio, table::cell},
    load::Load,
    peers::{self, Program},
    task::Task,
};

/// How many routes, and the group of those that have so many.
const COUNTS: [(u32, &str); 3] = [(10, "10"), (1_000, "1,000"), (10_000, "10,000")];

pub(super) const SECTION: Section = Section {
    name: "routes",
    title: "Many routes",
    rounds: ROUNDS,
    with_latency: false,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    let of = |(routes, group)| peers::four(group, Task { routes, ..Task::of(Load::Requests) });
    COUNTS.into_iter().flat_map(of).collect()
}

fn tables(rows: &[Row], _: &[Outcome]) -> String {
    let mut text = "\n| µs CPU per request with so many routes | 10 | 1,000 | 10,000 | 1,000 against 10 | 10,000 against 10 | memory MiB, 10 | memory MiB, 10,000 |\n|---|--:|--:|--:|--:|--:|--:|--:|\n".to_owned();
    let [few, some, many] =
        COUNTS.map(|(_, group)| rows.iter().filter(move |row| row.is_of(group)));
    for ((few, some), many) in few.zip(some).zip(many) {
        let cost = |row: &Row| cell(row.median(|measured| measured.cpu_per_request), 1);
        let memory = |row: &Row| cell(row.median(|measured| measured.memory), 0);
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.2} | {:.2} | {} | {} |",
            few.program.title,
            cost(few),
            cost(some),
            cost(many),
            ratio(some, few),
            ratio(many, few),
            memory(few),
            memory(many),
        );
    }
    text
}
