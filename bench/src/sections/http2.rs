//! `http2`: many streams on few connections from clients; HTTP/1.1 to the upstream.

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::table::Columns,
    load::Load,
    peers::{self, Program},
    task::Task,
};

const CLEAR: &str = "HTTP/2 without TLS (h2c)";
const TLS: &str = "HTTP/2 over TLS 1.3";

pub(super) const SECTION: Section = Section {
    name: "http2",
    title: "HTTP/2",
    rounds: ROUNDS,
    with_latency: false,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    let groups = [(CLEAR, Load::Http2), (TLS, Load::Http2Tls)];
    groups.into_iter().flat_map(|(group, load)| peers::four(group, Task::of(load))).collect()
}

fn tables(rows: &[Row], _: &[Outcome]) -> String {
    let columns = Columns::of("request");
    columns.table(rows, CLEAR) + &columns.table(rows, TLS)
}
