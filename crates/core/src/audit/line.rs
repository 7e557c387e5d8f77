//! An entry as one line of JSON, and back. What is under the hash comes back as it was.
//!
//! What somebody else wrote into the store has its line too, so that the chain can name it: a detail
//! that is no JSON, or no one line, is told as a string. That is never what an entry of ours has, so
//! its hash shows it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Record;
use super::entry::{Entry, Hash};
use crate::time::Timestamp;

/// A line that is no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a line of the audit log")]
pub struct LineError;

/// The line; fields without a value are left out.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    sequence: u64,
    time: String,
    kind: String,
    actor: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    outcome: String,
    #[serde(borrow)]
    detail: &'a RawValue,
    previous: String,
    hash: String,
}

impl Entry {
    /// One line of JSON, without the line feed.
    pub fn to_line(&self) -> String {
        let record = &self.record;
        let quoted = if is_one_line_of_json(&record.detail) {
            None
        } else {
            serde_json::to_string(&record.detail).ok()
        };
        let detail = quoted.as_deref().unwrap_or(&record.detail);
        let detail: Result<&RawValue, _> = serde_json::from_str(detail);
        let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
        let line = detail.and_then(|detail| {
            serde_json::to_string(&Line {
                sequence: self.sequence,
                time: time(record.at),
                kind: record.kind.to_string(),
                actor: record.actor.to_string(),
                subject: text(&record.subject),
                client: text(&record.client),
                session: record.session.clone(),
                source: record.source.clone(),
                outcome: record.outcome.to_string(),
                detail,
                previous: self.previous.to_string(),
                hash: self.hash.to_string(),
            })
        });
        // INVARIANT: a text in quotation marks is JSON, and so is the rest.
        line.unwrap_or_else(|_| format!("{{\"sequence\":{}}}", self.sequence))
    }

    /// From such a line, and from no other that would read the same: one with a further member, or
    /// with its time told otherwise, says something that nobody wrote.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn from_line(text: &str) -> Result<Self, LineError> {
        let line: Line<'_> = serde_json::from_str(text).map_err(|_| LineError)?;
        let entry = Self {
            sequence: line.sequence,
            record: Record {
                at: moment(&line.time)?,
                kind: line.kind.into(),
                actor: line.actor.into(),
                subject: line.subject.map(Into::into),
                client: line.client.map(Into::into),
                session: line.session,
                source: line.source,
                outcome: line.outcome.into(),
                detail: line.detail.get().to_owned(),
            },
            previous: line.previous.parse::<Hash>().map_err(|_| LineError)?,
            hash: line.hash.parse::<Hash>().map_err(|_| LineError)?,
        };
        (entry.to_line() == text).then_some(entry).ok_or(LineError)
    }
}

fn is_one_line_of_json(detail: &str) -> bool {
    let is_json = serde_json::from_str::<&RawValue>(detail).is_ok_and(|raw| raw.get() == detail);
    is_json && !detail.contains(['\n', '\r'])
}

/// What [`time`] made.
fn moment(text: &str) -> Result<Timestamp, LineError> {
    let micros = || text.parse().ok().map(Timestamp::from_micros);
    text.parse().ok().or_else(micros).ok_or(LineError)
}

/// RFC 3339 in UTC with microseconds.
fn time(at: Timestamp) -> String {
    match jiff::Timestamp::from_microsecond(at.as_micros()) {
        Ok(time) => format!("{time:.6}"),
        // No clock of ours says so.
        Err(_) => at.as_micros().to_string(),
    }
}
