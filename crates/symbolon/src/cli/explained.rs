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
    let request = &told["request"];
    let asked = [&request["method"], &request["host"], &request["path"]];
    let [method, host, path] = asked.map(word);
    line("request", format!("{method} {host}{path} from {}", word(&told["source"])));
    line("route", none(&told["route"]));
    for one in told["authenticators"]["asked"].as_array().into_iter().flatten() {
        line("authenticator", authenticator(one));
    }
    let identity = &told["identity"];
    if identity.is_object() {
        let by = word(&identity["authenticator"]);
        let who = word(&identity["principal"]);
        let who = if who.is_empty() { "anonymous".to_owned() } else { format!("{who} by {by}") };
        line("identity", who);
        for name in ["roles", "groups", "scopes"] {
            let words: Vec<String> =
                identity[name].as_array().into_iter().flatten().map(word).collect();
            line(name, words.join(", "));
        }
    }
    for rule in told["rules"].as_array().into_iter().flatten() {
        let met = if rule["met"] == true { "met" } else { "not met" };
        let why = word(&rule["why"]);
        let why = if why.is_empty() { why } else { format!(": {why}") };
        line("rule", format!("{} {met}{why}", word(&rule["rule"])));
    }
    line("decision", decision(told));
    out
}

fn authenticator(one: &Value) -> String {
    let mut text = format!("{} {}", word(&one["name"]), word(&one["answer"]).replace('_', " "));
    for key in ["reason", "principal", "detail"] {
        let value = word(&one[key]);
        if !value.is_empty() {
            let _ = write!(text, ", {value}");
        }
    }
    text
}

fn decision(told: &Value) -> String {
    let by = word(&told["rule"]);
    let by = if by.is_empty() { by } else { format!(" by {by}") };
    match told["decision"].as_str() {
        Some("forward") => format!("forward to {}{by}", word(&told["service"])),
        Some("answer") => format!("answered here with {}{by}", told["status"]),
        _ => {
            let detail = word(&told["detail"]);
            let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
            format!("refused with {} {}{by}{detail}", told["status"], word(&told["code"]))
        }
    }
}

fn none(value: &Value) -> String {
    value.as_str().unwrap_or("none").to_owned()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
