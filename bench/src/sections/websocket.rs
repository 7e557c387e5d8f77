//! `websocket`: messages through open sockets.

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::table::Columns,
    load::Load,
    peers::{self, Program},
    task::Task,
};

const MESSAGES: &str = "WebSocket over HTTP/1.1";

pub(super) const SECTION: Section = Section {
    name: "websocket",
    title: "WebSocket",
    rounds: ROUNDS,
    with_latency: false,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    peers::four(MESSAGES, Task::of(Load::Messages)).into()
}

fn tables(rows: &[Row], _: &[Outcome]) -> String {
    Columns::of("message and echo").table(rows, MESSAGES)
}
