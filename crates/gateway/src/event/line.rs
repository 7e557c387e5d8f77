//! The access event as one line of JSON.

use std::fmt::Write as _;
use std::time::Duration;

use super::Event;
use crate::access_log::Lines;
use crate::source_address::SourceAddress;

/// About the length of a line: room for it is made once.
pub(super) const LINE_BYTES: usize = 512;

/// Appends the line. What was checked before, or is made here, is written as it is; everything
/// else is escaped.
pub(super) fn write(event: &Event, took: Duration, lines: &mut Lines) {
    lines.text().reserve(LINE_BYTES);
    lines.push_time("{\"time\":\"", event.at);
    let out = lines.text();
    plain(out, "\",\"request_id\":\"", &event.request_id);
    match &event.clean {
        Some(clean) => {
            plain(out, "\",\"source\":\"", clean.source().as_str());
            plain(out, "\",\"method\":\"", clean.method().as_str());
            plain(out, "\",\"host\":\"", clean.host());
            plain(out, "\",\"path\":\"", clean.path());
        }
        None => {
            plain(out, "\",\"source\":\"", SourceAddress::new(event.peer.to_canonical()).as_str());
        }
    }
    out.push('"');
    // No status: the downstream went away before there was an answer.
    if let Some(status) = event.status {
        plain(out, ",\"status\":", status.as_str());
    }
    if let Some(bound) = &event.route {
        out.push_str(bound.logged());
    }
    if !event.target.is_empty() {
        escaped(out, ",\"target\":", &event.target);
    }
    if event.tries > 1 {
        plain(out, ",\"tries\":", itoa::Buffer::new().format(event.tries));
    }
    if let Some(principal) = event.identity.principal() {
        escaped(out, ",\"principal\":", principal);
    }
    if let Some(live) = event.identity.session() {
        out.push_str(",\"session.id\":\"");
        live.session.id.push_to(out);
        out.push('"');
    }
    if let Some(authenticator) = event.authenticator() {
        plain(out, ",\"authenticator\":\"", authenticator);
        out.push('"');
    }
    if let Some(rule) = &event.rule {
        escaped(out, ",\"decision.rule\":", rule.as_str());
    }
    if let Some(rejection) = &event.rejection {
        escaped(out, ",\"rejection\":", rejection.code());
        escaped(out, ",\"detail\":", &rejection.detail);
    }
    if let Some(failure) = &event.failure {
        escaped(out, ",\"failure\":", failure);
    }
    if let Some(trace) = event.trace() {
        // Writing to a string cannot fail.
        let _ = write!(out, ",\"trace_id\":\"{}\"", trace.trace_id());
    }
    if event.concealed {
        out.push_str(",\"concealed\":\"internal token\"");
    }
    plain(out, ",\"bytes_sent\":", itoa::Buffer::new().format(event.bytes_sent));
    plain(out, ",\"duration_us\":", itoa::Buffer::new().format(took.as_micros()));
    out.push_str("}\n");
}

impl Event {
    /// The authenticator that let the request in, or that refused it.
    pub(super) fn authenticator(&self) -> Option<&str> {
        let refused =
            self.rejection.as_ref().and_then(|rejection| rejection.authenticator.as_deref());
        refused.or_else(|| self.identity.authenticator())
    }
}

/// What a line says of its route: the same for all its requests, so it is made once.
pub(crate) fn of_route(route: &str, service: &str) -> Box<str> {
    let mut out = String::new();
    escaped(&mut out, ",\"route\":", route);
    escaped(&mut out, ",\"service\":", service);
    out.into()
}

fn plain(out: &mut String, before: &str, value: &str) {
    out.push_str(before);
    out.push_str(value);
}

/// A JSON string (RFC 8259 section 7): what could end it or the line is escaped.
fn escaped(out: &mut String, before: &str, value: &str) {
    out.push_str(before);
    out.push('"');
    // Counted without an early exit, so that many bytes are looked at at a time.
    let special = |byte: &u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\');
    if value.as_bytes().iter().filter(|byte| special(byte)).count() == 0 {
        out.push_str(value);
    } else {
        value.chars().for_each(|character| escape(out, character));
    }
    out.push('"');
}

/// Control characters, and what else is taken for the end of a line.
pub(super) fn is_line_breaking(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

pub(super) fn escape(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        control if is_line_breaking(control) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(control));
        }
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_break_out_of_a_line() {
        let mut out = String::new();
        escaped(&mut out, ",\"path\":", "/\"},\n{\u{1b}[31m\\");
        assert_eq!(out, ",\"path\":\"/\\\"},\\u000a{\\u001b[31m\\\\\"");
    }
}
