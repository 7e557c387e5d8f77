//! `tls`: requests on kept TLS connections, and handshakes.

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::table::Columns,
    load::Load,
    peers::{self, Program},
    task::Task,
};

const KEPT: &str = "TLS 1.3, kept connections";
const FULL: &str = "TLS 1.3, a connection, full handshake and request each";
const RESUMED: &str = "TLS 1.3, a connection, resumed handshake and request each";

pub(super) const SECTION: Section =
    Section { name: "tls", title: "TLS", rounds: ROUNDS, with_latency: false, programs, tables };

fn programs() -> Vec<Program> {
    let groups = [
        (KEPT, Load::TlsRequests),
        (FULL, Load::FullHandshakes),
        (RESUMED, Load::ResumedHandshakes),
    ];
    groups.into_iter().flat_map(|(group, load)| peers::four(group, Task::of(load))).collect()
}

fn tables(rows: &[Row], _: &[Outcome]) -> String {
    Columns::of("request").table(rows, KEPT)
        + &Columns::of("handshake").table(rows, FULL)
        + &Columns::of("handshake").table(rows, RESUMED)
}
