//! The usual table in Markdown: one row for each program of a group.

use super::{Measured, Row, measurement::median, ratio};
use crate::load::Outcome;

const NGINX: &str = "nginx";
const OURS: &str = "symbolon";

/// How the table's columns are called and what is in them.
pub(crate) struct Columns<'a> {
    /// What is done once.
    pub(crate) unit: &'a str,
    /// What the ratios are against.
    pub(crate) bases: Bases,
    /// Latencies of calls without a proxy; without them, there is no column with latencies.
    pub(crate) direct: &'a [Outcome],
}

/// The heads of the columns with ratios.
pub(crate) struct Bases {
    pub(crate) nginx: &'static str,
    pub(crate) ours: &'static str,
}

impl<'a> Columns<'a> {
    /// Without latencies.
    pub(crate) const fn of(unit: &'a str) -> Self {
        Self { unit, bases: Bases { nginx: "vs nginx", ours: "vs Symbolon" }, direct: &[] }
    }

    /// What a call without a proxy takes.
    pub(crate) fn preface(&self) -> String {
        if self.direct.is_empty() {
            return String::new();
        }
        let (p50, p99) = self.latency();
        format!(
            "\nA call without a proxy takes {p50:.0} µs (p50) and {p99:.0} µs (p99); what is added to that is in the tables.\n"
        )
    }

    /// The rows of a group; its name is the first column's.
    pub(crate) fn table(&self, rows: &[Row], group: &str) -> String {
        let Self { unit, bases, .. } = self;
        let latencies =
            if self.direct.is_empty() { "" } else { " added p50 µs | added p99 µs |" };
        let numbers = if self.direct.is_empty() { 5 } else { 7 };
        let mut text = format!(
            "\n| {group} | µs CPU per {unit} | {} | {} | per second |{latencies} memory MiB |\n|---|{}\n",
            bases.nginx,
            bases.ours,
            "--:|".repeat(numbers),
        );
        for row in rows.iter().filter(|row| row.is_of(group)) {
            text.push_str(&self.line(row, rows));
        }
        text
    }

    fn line(&self, row: &Row, rows: &[Row]) -> String {
        let figure = |figure: fn(&Measured) -> f64| row.median(figure);
        let latencies = if self.direct.is_empty() {
            String::new()
        } else {
            let (p50, p99) = self.latency();
            format!(
                " {:.0} | {:.0} |",
                figure(|measured| measured.at_half_rate.map_or(0.0, |o| o.p50.into())) - p50,
                figure(|measured| measured.at_half_rate.map_or(0.0, |o| o.p99.into())) - p99,
            )
        };
        format!(
            "| {} | {} | {} | {} | {} |{latencies} {} |\n",
            row.program.title,
            cell(figure(|measured| measured.cpu_per_request), 1),
            against(row, rows, NGINX),
            against(row, rows, OURS),
            cell(figure(|measured| measured.rate), 0),
            cell(figure(|measured| measured.memory), 0),
        )
    }

    fn latency(&self) -> (f64, f64) {
        let median = |figure: fn(&Outcome) -> f64| median(self.direct.iter().map(figure).collect());
        (median(|outcome| outcome.p50.into()), median(|outcome| outcome.p99.into()))
    }
}

/// A figure with so many digits after the point.
pub(crate) fn cell(figure: f64, digits: usize) -> String {
    format!("{figure:.digits$}")
}

/// The ratio to the program of this name: of the same group, or of the one that has it.
fn against(row: &Row, rows: &[Row], name: &str) -> String {
    let mut named = rows.iter().filter(|other| other.program.name == name);
    let group = row.program.group;
    let base = named.clone().find(|other| other.is_of(group)).or_else(|| named.next());
    base.map_or_else(|| "-".to_owned(), |base| cell(ratio(row, base), 2))
}
