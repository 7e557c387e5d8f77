//! The access event as one line of JSON.

use std::fmt::Write as _;
use std::time::Duration;

use super::Event;

/// Appends the line.
pub(super) fn write(event: &Event, took: Duration, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{{\"time\":\"");
    time(event, out);
    let _ =
        write!(out, "\",\"request_id\":\"{}\",\"source\":\"{}\"", event.request_id, event.source);
    text(out, "method", event.method.as_ref().map(http::Method::as_str));
    text(out, "host", (!event.host.is_empty()).then_some(&event.host));
    text(out, "path", (!event.path.is_empty()).then_some(&event.path));
    // No status: the downstream went away before there was an answer.
    if let Some(status) = event.status {
        let _ = write!(out, ",\"status\":{}", status.as_u16());
    }
    if let Some(bound) = &event.route {
        text(out, "route", Some(&bound.route.name));
        text(out, "service", Some(&bound.service.service.name));
    }
    text(out, "target", (!event.target.is_empty()).then_some(&event.target));
    text(out, "principal", event.principal.as_deref());
    if let Some(session) = event.session {
        let _ = write!(out, ",\"session.id\":\"{session}\"");
    }
    text(out, "authenticator", event.authenticator);
    text(out, "decision.rule", event.rule);
    if let Some(rejection) = &event.rejection {
        text(out, "rejection", Some(rejection.code()));
        text(out, "detail", (!rejection.detail.is_empty()).then_some(&rejection.detail));
    }
    text(out, "failure", event.failure.as_deref());
    let _ = writeln!(
        out,
        ",\"bytes_sent\":{},\"duration_us\":{}}}",
        event.bytes_sent,
        took.as_micros()
    );
}

/// RFC 3339 with milliseconds, UTC.
fn time(event: &Event, out: &mut String) {
    let seconds = event.at.to_string();
    let millis = event.at.as_micros().rem_euclid(1_000_000) / 1000;
    let _ = write!(out, "{}.{millis:03}Z", seconds.trim_end_matches('Z'));
}

fn text(out: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    let _ = write!(out, ",\"{name}\":\"");
    escape(out, value);
    out.push('"');
}

/// RFC 8259 section 7: what could end the string or the line is escaped.
fn escape(out: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
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
