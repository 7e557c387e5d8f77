//! `peers`: plain proxying, and proxying with authentication.

use super::{Outcome, Row, Section};
use crate::{
    compare::table::{Bases, Columns},
    load::Load,
    peers::{self, Program},
    task::Task,
};

const PLAIN: &str = "plain reverse proxy";
const AUTHENTICATED: &str = "with authentication";

pub(super) const SECTION: Section = Section {
    name: "peers",
    title: "Beside peers",
    rounds: 5,
    with_latency: true,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    let task = Task::of(Load::Requests);
    let mut programs = Vec::from(peers::four(PLAIN, task));
    programs.extend(peers::authenticating(AUTHENTICATED, task));
    programs
}

fn tables(rows: &[Row], direct: &[Outcome]) -> String {
    let columns = Columns {
        unit: "request",
        bases: Bases { nginx: "vs nginx plain", ours: "vs Symbolon plain" },
        direct,
    };
    columns.preface() + &columns.table(rows, PLAIN) + &columns.table(rows, AUTHENTICATED)
}
