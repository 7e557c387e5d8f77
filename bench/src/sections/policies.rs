//! `policies`: what fifty policies on a route cost, beside a rule about roles and beside nothing.

use super::{Outcome, Row, Section};
use crate::{
    compare::table::{Bases, Columns},
    load::Load,
    peers::{self, Program},
    task::Task,
};

const GROUP: &str = "authorization of a session";
const PLAIN: &str = "plain reverse proxy";

pub(super) const SECTION: Section = Section {
    name: "policies",
    title: "Policies",
    rounds: super::ROUNDS,
    with_latency: false,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    let task = Task::of(Load::Requests);
    let mut programs = Vec::from(peers::four(PLAIN, task));
    programs.extend(peers::authorizing(GROUP, task));
    programs
}

fn tables(rows: &[Row], direct: &[Outcome]) -> String {
    let columns = Columns {
        unit: "request",
        bases: Bases { nginx: "vs nginx plain", ours: "vs Symbolon plain" },
        direct,
    };
    let text = "\nEach policy is in the route's own set and can apply to the request: Cedar looks at all of them. Their conditions compare a part of the path with an attribute of the principal; the last one permits.\n";
    columns.preface() + text + &columns.table(rows, PLAIN) + &columns.table(rows, GROUP)
}
