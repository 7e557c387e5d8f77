//! The access event as one line of JSON.

use std::fmt::Write as _;
use std::time::Duration;

use super::Event;
use crate::access_log::Lines;
use crate::source_address::SourceAddress;

/// Appends the line.
pub(super) fn write(event: &Event, took: Duration, lines: &mut Lines) {
    lines.push_time("{\"time\":\"", event.at);
    let out = lines.text();
    out.push('"');
    text(out, "request_id", Some(&event.request_id));
    match &event.clean {
        Some(clean) => {
            text(out, "source", Some(clean.source().as_str()));
            text(out, "method", Some(clean.method().as_str()));
            text(out, "host", Some(clean.host()));
            text(out, "path", Some(clean.path()));
        }
        None => text(out, "source", Some(SourceAddress::new(event.peer).as_str())),
    }
    // No status: the downstream went away before there was an answer.
    if let Some(status) = event.status {
        number(out, "status", u64::from(status.as_u16()));
    }
    if let Some(bound) = &event.route {
        text(out, "route", Some(&bound.route.name));
        text(out, "service", Some(&bound.service.service.name));
    }
    text(out, "target", (!event.target.is_empty()).then_some(&event.target));
    text(out, "principal", event.identity.principal());
    if let Some(live) = event.identity.session() {
        text(out, "session.id", Some(&live.session.id.to_string()));
    }
    text(out, "authenticator", event.identity.authenticator());
    text(out, "decision.rule", event.rule);
    if let Some(rejection) = &event.rejection {
        text(out, "rejection", Some(rejection.code()));
        text(out, "detail", (!rejection.detail.is_empty()).then_some(&rejection.detail));
    }
    text(out, "failure", event.failure.as_deref());
    number(out, "bytes_sent", event.bytes_sent);
    number(out, "duration_us", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    out.push_str("}\n");
}

fn number(out: &mut String, name: &str, value: u64) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    out.push_str(itoa::Buffer::new().format(value));
}

fn text(out: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":\"");
    escape(out, value);
    out.push('"');
}

/// RFC 8259 section 7: what could end the string or the line is escaped.
fn escape(out: &mut String, value: &str) {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if value.as_bytes().iter().all(is_plain) {
        out.push_str(value);
        return;
    }
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_break_out_of_a_line() {
        let mut out = String::new();
        text(&mut out, "path", Some("/\"},\n{\u{1b}[31m\\"));
        assert_eq!(out, ",\"path\":\"/\\\"},\\u000a{\\u001b[31m\\\\\"");
    }
}
