//! An explanation for people: what was asked, in the order of the stages, and what came of it.

use std::fmt::Write as _;

use serde_json::Value;

/// One line for each thing that was looked at.
pub(super) fn text(told: &Value) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name:<14} {value}");
        }
    };
    let request = at(told, "/request");
    let asked = [at(request, "/method"), at(request, "/host"), at(request, "/path")];
    let [method, host, path] = asked.map(word);
    line("request", format!("{method} {host}{path} from {}", word(at(told, "/source"))));
    line("route", none(at(told, "/route")));
    for one in at(told, "/authenticators/asked").as_array().into_iter().flatten() {
        line("authenticator", authenticator(one));
    }
    let identity = at(told, "/identity");
    if identity.is_object() {
        let by = word(at(identity, "/authenticator"));
        let who = word(at(identity, "/principal"));
        let who = if who.is_empty() { "anonymous".to_owned() } else { format!("{who} by {by}") };
        line("identity", who);
        for name in ["roles", "groups", "scopes"] {
            let words: Vec<String> = at(identity, &format!("/{name}"))
                .as_array()
                .into_iter()
                .flatten()
                .map(word)
                .collect();
            line(name, words.join(", "));
        }
    }
    for rule in at(told, "/rules").as_array().into_iter().flatten() {
        let met = if at(rule, "/met") == true { "met" } else { "not met" };
        let why = word(at(rule, "/why"));
        let why = if why.is_empty() { why } else { format!(": {why}") };
        line("rule", format!("{} {met}{why}", word(at(rule, "/rule"))));
    }
    line("decision", decision(told));
    out
}

fn authenticator(one: &Value) -> String {
    let mut text =
        format!("{} {}", word(at(one, "/name")), word(at(one, "/answer")).replace('_', " "));
    for key in ["reason", "principal", "detail"] {
        let value = word(at(one, &format!("/{key}")));
        if !value.is_empty() {
            let _ = write!(text, ", {value}");
        }
    }
    text
}

fn decision(told: &Value) -> String {
    let by = word(at(told, "/rule"));
    let by = if by.is_empty() { by } else { format!(" by {by}") };
    match at(told, "/decision").as_str() {
        Some("forward") => format!("forward to {}{by}", word(at(told, "/service"))),
        Some("answer") => format!("answered here with {}{by}", at(told, "/status")),
        _ => {
            let detail = word(at(told, "/detail"));
            let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
            format!("refused with {} {}{by}{detail}", at(told, "/status"), word(at(told, "/code")))
        }
    }
}

/// What stands there; nothing where there is nothing.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

fn none(value: &Value) -> String {
    value.as_str().unwrap_or("none").to_owned()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
