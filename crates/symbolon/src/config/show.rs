//! The effective configuration as text: the file with its defaults. It holds no secrets, because
//! the file never does.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::yaml::{Node, Value};

/// As JSON, with a line break at the end.
pub(crate) fn to_json(node: &Node) -> String {
    format!("{:#}\n", json(node))
}

/// As YAML that can be read again.
pub(crate) fn to_yaml(node: &Node) -> String {
    let mut text = String::new();
    write_block(&mut text, node, 0);
    text
}

pub(super) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Nothing => Json::Null,
        Value::Scalar { text, .. } => match node.kind() {
            "text" => Json::String(text.clone()),
            // Plain numbers and truth values look the same in JSON.
            _ => serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone())),
        },
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Mapping(entries) => {
            let entry = |(name, node): &(super::yaml::Name, Node)| (name.text.clone(), json(node));
            Json::Object(entries.iter().map(entry).collect())
        }
    }
}

fn write_block(text: &mut String, node: &Node, depth: usize) {
    let indent = "  ".repeat(depth);
    match &node.value {
        Value::Mapping(entries) => {
            for (name, node) in entries {
                let _ = write!(text, "{indent}{}:", Json::String(name.text.clone()).plain());
                write_value(text, node, depth + 1);
            }
        }
        Value::List(items) => {
            for item in items {
                let _ = write!(text, "{indent}-");
                let start = text.len();
                write_value(text, item, depth + 1);
                // A mapping starts on the line of its dash.
                let inline = text.split_off(start);
                let _ = write!(text, " {}", inline.trim_start());
            }
        }
        _ => write_value(text, node, depth),
    }
}

fn write_value(text: &mut String, node: &Node, depth: usize) {
    let is_block = match &node.value {
        Value::Mapping(entries) => !entries.is_empty(),
        // Lists of plain values read best in one line.
        Value::List(items) => items.iter().any(|item| item.scalar().is_none()),
        _ => false,
    };
    if is_block {
        text.push('\n');
        write_block(text, node, depth);
    } else {
        // JSON is YAML (YAML 1.2.2 section 1.2), and quotes what needs it.
        let _ = writeln!(text, " {}", json(node).plain());
    }
}

/// Text that needs no quotes stands without them.
trait Plain {
    fn plain(&self) -> String;
}

impl Plain for Json {
    fn plain(&self) -> String {
        match self {
            Self::String(text) if needs_no_quotes(text) => text.clone(),
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(Plain::plain).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.to_string(),
        }
    }
}

fn needs_no_quotes(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte);
    let is_word = !matches!(text, "true" | "false" | "null") && text.parse::<f64>().is_err();
    let starts_plain =
        text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/');
    is_word && starts_plain && text.bytes().all(is_plain)
}
