//! Walks the chain and names the first record that is not as it was written.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::str::FromStr;

use symbolon_core::Timestamp;
use symbolon_core::audit::{Broken, Chain, Cut, Entry, Hash, Kind};

use super::{PAGE, page, parse};
use crate::cli::{Failure, output, remote};
use crate::exit_code::Exit;

/// A record that must be there as it was.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Expected {
    sequence: u64,
    hash: Hash,
}

impl FromStr for Expected {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let pair = text.split_once(':').and_then(|(sequence, hash)| {
            Some(Self { sequence: sequence.parse().ok()?, hash: hash.parse().ok()? })
        });
        pair.ok_or("it must be a number, `:` and 64 hexadecimal digits")
    }
}

/// How far back an export may begin anew: records are told in batches of so many, and one that
/// was told and not acknowledged, since the process was killed or the connection lost, is told
/// again as a whole.
const TOLD_AGAIN: usize = 1000;

/// What is known on the way.
struct Walk {
    chain: Chain,
    count: u64,
    /// The hashes of the last records, the newest first.
    lately: VecDeque<Hash>,
    /// Where the chain begins, if not at its first record, and what tells so.
    cut: Option<(Cut, Told)>,
    expected: Option<Expected>,
    is_met: bool,
}

/// What tells that the beginning was removed.
enum Told {
    Nothing,
    /// Another file than the one that is read.
    Elsewhere,
    /// A record, in words.
    By(String),
}

/// Of the store, through the server where one holds it.
pub(super) fn store(config: &Path, expected: Option<Expected>) -> Result<(), Failure> {
    let walk = remote::converse(config, async |way| {
        let mut walk: Option<Walk> = None;
        loop {
            let after = walk.as_ref().map_or(0, |walk| walk.chain.last());
            let rows = page(way, after, Timestamp::default()).await?;
            let walk = match &mut walk {
                Some(walk) => walk,
                none => none.insert(Walk::new(cut(rows.cut)?, expected)),
            };
            for line in &rows.lines {
                walk.follow(&parse(line)?)?;
            }
            if rows.lines.len() < PAGE as usize {
                break;
            }
        }
        Ok(walk)
    })?;
    output::data(&outcome(walk, expected)?);
    Ok(())
}

/// Of an export, which may begin anywhere.
pub(super) fn file(path: &Path, expected: Option<Expected>) -> Result<(), Failure> {
    let walk = along(path, expected)?;
    output::data(&outcome(walk, expected)?);
    Ok(())
}

/// The way along an export; `None` where it is empty.
fn along(path: &Path, expected: Option<Expected>) -> Result<Option<Walk>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::Failed, format!("cannot read `{}`: {error}", path.display()))
    };
    let mut walk: Option<Walk> = None;
    let lines = BufReader::new(File::open(path).map_err(unreadable)?).split(b'\n');
    for (line, number) in lines.zip(1..) {
        // A byte that is no UTF-8 shows by the hash.
        let line = line.map_err(unreadable)?;
        let entry = parse(&String::from_utf8_lossy(&line)).map_err(|_| no_record(number))?;
        let walk = walk.get_or_insert_with(|| Walk::of_file(&entry, expected));
        if !walk.was_told(&entry)? {
            walk.follow(&entry)?;
        }
    }
    Ok(walk)
}

/// What is told of a walk. Where there is nothing, nothing can be what was expected.
fn outcome(walk: Option<Walk>, expected: Option<Expected>) -> Result<String, Failure> {
    match (walk, expected) {
        (Some(walk), _) => walk.finish(),
        (None, None) => Ok("0 records\n".to_owned()),
        (None, Some(expected)) => {
            let text = format!("record {} is not there: there are 0 records", expected.sequence);
            Err(Failure::new(Exit::Failed, text))
        }
    }
}

impl Walk {
    fn new(cut: Option<Cut>, expected: Option<Expected>) -> Self {
        let cut_told = cut.map(|cut| (cut, Told::Nothing));
        Self {
            chain: Chain::from(cut),
            count: 0,
            lately: VecDeque::new(),
            cut: cut_told,
            expected,
            is_met: false,
        }
    }

    /// Whether it is one of the last records, told once more as it was.
    fn was_told(&self, entry: &Entry) -> Result<bool, Failure> {
        let back = self.chain.last().checked_sub(entry.sequence);
        let back = back.and_then(|back| usize::try_from(back).ok());
        let Some(before) = back.and_then(|back| self.lately.get(back)) else { return Ok(false) };
        if entry.hash == *before && entry.is_sound() {
            return Ok(true);
        }
        let why = format!("record {} is there twice, and not the same", entry.sequence);
        Err(Failure::new(Exit::Failed, format!("the audit log is not whole: {why}")))
    }

    /// Of a file that begins with this record: if it is not the first of all, another file tells
    /// of what was before.
    fn of_file(first: &Entry, expected: Option<Expected>) -> Self {
        let cut = Cut { sequence: first.sequence.saturating_sub(1), hash: first.previous };
        let mut walk = Self::new((cut.sequence > 0).then_some(cut), expected);
        walk.cut = walk.cut.map(|(cut, _)| (cut, Told::Elsewhere));
        walk
    }

    fn follow(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.chain.follow(entry).map_err(|broken| failure(&broken))?;
        self.count += 1;
        self.lately.push_front(entry.hash);
        self.lately.truncate(TOLD_AGAIN);
        if let Some(expected) = self.expected.filter(|one| one.sequence == entry.sequence) {
            self.is_met = expected.hash == entry.hash;
        }
        let record = &entry.record;
        if let Some((cut, told)) = &mut self.cut
            && record.kind == Kind::AuditCut.as_str()
            && record.detail.contains(&format!("\"{}\"", cut.hash))
        {
            let (number, at, actor) = (entry.sequence, record.at, &record.actor);
            *told = Told::By(format!("record {number} at {at} ({actor})"));
        }
        Ok(())
    }

    fn finish(self) -> Result<String, Failure> {
        let removed = match &self.cut {
            Some((cut, Told::Nothing)) => {
                let number = cut.sequence;
                let text =
                    format!("records up to {number} were removed, and no record tells of it");
                return Err(Failure::new(Exit::Failed, text));
            }
            Some((cut, Told::By(record))) => {
                format!("records up to {} were removed by {record}\n", cut.sequence)
            }
            Some((cut, Told::Elsewhere)) => {
                let first = cut.sequence + 1;
                let after = cut.hash;
                format!(
                    "begins at record {first}, after {after}; what was before is not in this file\n"
                )
            }
            None => String::new(),
        };
        if let Some(expected) = self.expected.filter(|_| !self.is_met) {
            let text = format!("record {} is not the one that was expected", expected.sequence);
            return Err(Failure::new(Exit::Failed, text));
        }
        let (count, last, hash) = (self.count, self.chain.last(), self.chain.hash());
        Ok(format!("{removed}{count} records are whole; the last is {last}:{hash}\n"))
    }
}

fn cut(told: Option<(u64, String)>) -> Result<Option<Cut>, Failure> {
    let Some((sequence, hash)) = told else { return Ok(None) };
    let hash = hash.parse().map_err(|error| Failure::new(Exit::Failed, format!("{error}")))?;
    Ok(Some(Cut { sequence, hash }))
}

fn no_record(line: u64) -> Failure {
    let text = format!("the audit log is not whole: line {line} is no record");
    Failure::new(Exit::Failed, text)
}

fn failure(broken: &Broken) -> Failure {
    Failure::new(Exit::Failed, format!("the audit log is not whole: {broken}"))
}
