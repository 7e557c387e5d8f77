//! All meters as one text (`OpenMetrics` 1.0): the gateway's own, then those of the rest.

use std::fmt::Write as _;

use symbolon_gateway::Handle;

use super::process;
use crate::services::Services;

/// The media type of [`text`].
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Stands at the end of every exposition, once.
const END: &str = "# EOF\n";

/// Everything that is measured.
pub(super) fn text(services: &Services, gateway: &Handle) -> String {
    let gateway = gateway.metrics_text();
    let mut text = gateway.strip_suffix(END).unwrap_or(&gateway).to_owned();
    add_auth(&mut text, services);
    add_sessions(&mut text, services);
    process::add(&mut text);
    text.push_str(END);
    text
}

fn add_auth(text: &mut String, services: &Services) {
    let auth = services.auth.metrics();
    let name = "symbolon_log_ins";
    let _ = writeln!(text, "# HELP {name} Log-ins by outcome.\n# TYPE {name} counter");
    for (outcome, count) in [
        ("succeeded", auth.log_ins_succeeded()),
        ("failed", auth.log_ins_failed()),
        ("throttled", auth.log_ins_throttled()),
    ] {
        let _ = writeln!(text, "{name}_total{{outcome=\"{outcome}\"}} {count}");
    }
    counter(text, "log_outs", "Sessions ended by their owners", auth.log_outs());
    let passwords = services.passwords.metrics();
    counter(text, "password_hashes", "Passwords hashed or compared", passwords.hashes());
    counter(
        text,
        "password_hashes_refused",
        "Hashes refused because too many waited",
        passwords.refused(),
    );
    counter(
        text,
        "passwords_known_again",
        "Passwords that were right a short while before and not hashed again",
        passwords.known_again(),
    );
    gauge(text, "password_hashes_waiting", "Hashes waiting for their turn", passwords.waiting());
}

fn add_sessions(text: &mut String, services: &Services) {
    let sessions = &services.sessions;
    counter(text, "session_cache_hits", "Look-ups answered from memory", sessions.cache_hits());
    counter(text, "session_cache_misses", "Look-ups that asked the store", sessions.cache_misses());
    gauge(text, "session_cache_entries", "Sessions in memory", sessions.cache_entries());
}

fn counter(text: &mut String, name: &str, help: &str, value: u64) {
    let name = format!("symbolon_{name}");
    let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} counter\n{name}_total {value}");
}

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    let name = format!("symbolon_{name}");
    let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}");
}
