//! What was done is on record, in one chain, and no secret with it.

mod chain;
mod everything;
mod export;
mod keep;
mod kill;
mod wrong_passwords;

use serde_json::Value;

use crate::harness::patience::eventually;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;

/// All records.
#[track_caller]
fn records(symbolon: &Symbolon) -> Vec<Value> {
    let lines = symbolon.run(&["audit", "export"]);
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits for a record of that kind, which may be written a second later.
#[track_caller]
fn wait_for(stage: &Stage, kind: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    eventually(kind, || {
        let records = records(&stage.symbolon);
        records.into_iter().find(|record| record["kind"] == kind && is_it(record))
    })
}
