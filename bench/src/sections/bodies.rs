//! `bodies`: a mebibyte down or up with each request.

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::table::Columns,
    load::Load,
    peers::{self, Program},
    task::Task,
};

const DOWN: &str = "answers of 1 MiB";
const UP: &str = "requests with 1 MiB";

pub(super) const SECTION: Section = Section {
    name: "bodies",
    title: "Large bodies",
    rounds: ROUNDS,
    with_latency: false,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    let groups = [(DOWN, Load::Download), (UP, Load::Upload)];
    groups.into_iter().flat_map(|(group, load)| peers::four(group, Task::of(load))).collect()
}

fn tables(rows: &[Row], _: &[Outcome]) -> String {
    let columns = Columns::of("MiB");
    columns.table(rows, DOWN) + &columns.table(rows, UP)
}
