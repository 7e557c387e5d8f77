//! Lines as they are gathered, until a batch of them is together.

use std::sync::Arc;

use symbolon_core::Timestamp;

/// Lines that were gathered, and the time of the last one as text, which seldom changes.
#[derive(Default)]
pub(crate) struct Lines {
    pub(super) text: String,
    /// What stands before every line, where there is something.
    envelope: Option<Arc<Envelope>>,
    second: i64,
    stamp: String,
}

/// What stands before every line, with the time of the request in its middle.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) before_time: String,
    pub(super) after_time: String,
}

impl Lines {
    pub(super) fn new(envelope: Option<Arc<Envelope>>) -> Self {
        Self { envelope, ..Self::default() }
    }

    /// The gathered text, to append to.
    pub(crate) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Makes room for a line, and appends what stands before each.
    pub(super) fn begin(&mut self, at: Timestamp) {
        if let Some(envelope) = self.envelope.clone() {
            self.push_time(&envelope.before_time, at);
            self.text.push_str(&envelope.after_time);
        }
    }

    /// Appends `before` and a time as RFC 3339 in UTC with milliseconds.
    pub(crate) fn push_time(&mut self, before: &str, at: Timestamp) {
        if self.second != at.as_secs() || self.stamp.is_empty() {
            self.second = at.as_secs();
            self.stamp.clear();
            self.stamp.push_str(at.to_string().trim_end_matches('Z'));
        }
        let millis = at.as_micros().rem_euclid(1_000_000) / 1000;
        self.text.push_str(before);
        self.text.push_str(&self.stamp);
        // The leading 1 keeps the zeros and is left out.
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(1000 + millis);
        self.text.push('.');
        self.text.push_str(digits.get(1..).unwrap_or("000"));
        self.text.push('Z');
    }
}
