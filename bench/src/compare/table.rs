//! The tables in Markdown: plain proxying, and proxying with authentication.

use std::fmt::Write;

use super::{
    Row,
    measurement::{Measured, median},
};
use crate::load::Outcome;

const NGINX: &str = "nginx";
const OURS: &str = "symbolon";

/// Both tables; `direct` are the latencies of calls without a proxy.
pub(super) fn markdown(rows: &[Row], direct: &[Outcome]) -> String {
    let direct = Latency {
        p50: median(direct.iter().map(|outcome| f64::from(outcome.p50)).collect()),
        p99: median(direct.iter().map(|outcome| f64::from(outcome.p99)).collect()),
    };
    let mut text = format!(
        "A call without a proxy takes {:.0} µs (p50) and {:.0} µs (p99); what is added to that is in the tables.\n",
        direct.p50, direct.p99
    );
    for (authenticates, title) in [(false, "plain reverse proxy"), (true, "with authentication")] {
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "\n| {title} | µs CPU per request | vs nginx plain | vs Symbolon plain | requests/s | added p50 µs | added p99 µs | memory MiB |\n|---|--:|--:|--:|--:|--:|--:|--:|\n"
        );
        for row in rows.iter().filter(|row| row.program.authenticates == authenticates) {
            text.push_str(&line(row, rows, &direct));
        }
    }
    text
}

struct Latency {
    p50: f64,
    p99: f64,
}

fn line(row: &Row, rows: &[Row], direct: &Latency) -> String {
    format!(
        "| {} | {:.1} | {} | {} | {:.0} | {:.0} | {:.0} | {:.0} |\n",
        row.program.title,
        row.median(|measured| measured.cpu_per_request),
        ratio(row, rows, NGINX),
        ratio(row, rows, OURS),
        row.median(|measured| measured.rate),
        row.median(|measured| f64::from(measured.at_half_rate.p50)) - direct.p50,
        row.median(|measured| f64::from(measured.at_half_rate.p99)) - direct.p99,
        row.median(|measured| measured.memory),
    )
}

/// The median of the ratios round by round: what slows a whole round down drops out.
fn ratio(row: &Row, rows: &[Row], to: &str) -> String {
    let Some(base) = rows.iter().find(|row| row.program.name == to) else {
        return "-".to_owned();
    };
    let cost = |measured: &Measured| measured.cpu_per_request;
    let ratios =
        row.measured.iter().zip(&base.measured).map(|(one, other)| cost(one) / cost(other));
    format!("{:.2}", median(ratios.collect()))
}
