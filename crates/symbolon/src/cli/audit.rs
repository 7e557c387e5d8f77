//! `symbolon audit`: what happened, and whether the record of it is whole.

mod verify;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::PossibleValuesParser;
use symbolon_core::Timestamp;
use symbolon_core::audit::{Entry, Kind};
use symbolon_store::{Clock as _, SystemClock};

use super::remote::{self, Way};
use super::{ConfigFile, Failure, output};
use crate::config;
use crate::control::{AuditRows, Command as Control, Reply};
use crate::exit_code::Exit;

/// Records that are read at once.
const PAGE: u32 = 1000;

fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str))
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List records, oldest first
    List {
        /// Not older than this: `24h`, `7d` or `2026-05-28T20:26:40Z`
        #[arg(long)]
        since: Option<Since>,
        /// Of this kind only, such as `log_in`
        #[arg(long, hide_possible_values = true, value_parser = kinds())]
        kind: Option<String>,
        /// About this account or client only
        #[arg(long)]
        about: Option<String>,
        /// As lines of JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Verify that no record was changed, removed or put in
    Verify {
        /// Of an export instead of the store
        #[arg(long)]
        file: Option<PathBuf>,
        /// A record that must be in it, as an earlier run has told: its number, `:`, its hash
        #[arg(long, value_name = "NUMBER:HASH")]
        expect: Option<verify::Expected>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print all records as lines of JSON, with their hashes
    Export {
        /// Not older than this: `24h`, `7d` or `2026-05-28T20:26:40Z`
        #[arg(long)]
        since: Option<Since>,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// A point in time, or how long ago it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since(Timestamp);

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ago = config::duration(text).map(|ago| SystemClock.now().minus(ago));
        let at = ago.or_else(|| text.parse().ok());
        at.map(Self).ok_or("it must be a duration such as `24h`, or a time in RFC 3339")
    }
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { since, kind, about, json, config } => {
            let wanted = |entry: &Entry| {
                let record = &entry.record;
                let about = about.as_deref();
                kind.as_deref().is_none_or(|kind| record.kind == kind)
                    && (about.is_none()
                        || record.subject.as_deref() == about
                        || record.client.as_deref() == about)
            };
            list(&config.path, since, wanted, json)
        }
        Command::Verify { file: Some(file), expect, .. } => verify::file(&file, expect),
        Command::Verify { file: None, expect, config } => verify::store(&config.path, expect),
        Command::Export { since, config } => list(&config.path, since, |_| true, true),
    }
}

fn list(
    config: &Path,
    since: Option<Since>,
    wanted: impl Fn(&Entry) -> bool,
    as_json: bool,
) -> Result<(), Failure> {
    if !as_json {
        output::data(&row(HEAD));
    }
    let since = since.map_or(Timestamp::default(), |Since(at)| at);
    remote::converse(config, async |way| {
        let mut after = 0;
        loop {
            let rows = page(way, after, since).await?;
            let mut text = String::new();
            for line in &rows.lines {
                let entry = parse(line)?;
                after = entry.sequence;
                if wanted(&entry) {
                    if as_json {
                        text.push_str(line);
                        text.push('\n');
                    } else {
                        text.push_str(&told(&entry));
                    }
                }
            }
            output::data(&text);
            if rows.lines.len() < PAGE as usize {
                return Ok(());
            }
        }
    })
}

/// The records behind a number.
async fn page(way: &Way, after: u64, since: Timestamp) -> Result<AuditRows, Failure> {
    match way.send(Control::AuditPage { after, since, limit: PAGE }).await? {
        Reply::Audit(rows) => Ok(rows),
        _ => Err(Failure::new(Exit::Failed, "the server answered something else")),
    }
}

fn parse(line: &str) -> Result<Entry, Failure> {
    Entry::from_line(line).map_err(|error| Failure::new(Exit::Failed, error.to_string()))
}

const HEAD: [&str; 8] = ["NUMBER", "TIME", "KIND", "OUTCOME", "BY", "ABOUT", "FROM", "DETAIL"];

fn told(entry: &Entry) -> String {
    let record = &entry.record;
    let about = record.subject.as_deref().or(record.client.as_deref()).unwrap_or("-");
    let (number, time) = (entry.sequence.to_string(), record.at.to_string());
    let source = record.source.as_deref().unwrap_or("-");
    row([
        &number,
        &time,
        &record.kind,
        &record.outcome,
        &record.actor,
        about,
        source,
        &record.detail,
    ])
}

/// Columns of fixed width, as rows are written before the last is known.
fn row(cells: [&str; 8]) -> String {
    let [number, time, kind, outcome, by, about, from, detail] = cells;
    format!(
        "{number:>8}  {time:20}  {kind:20}  {outcome:8}  {by:20}  {about:16}  {from:15}  {detail}\n"
    )
}
