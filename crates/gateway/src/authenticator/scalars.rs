//! What headers can be made of that somebody outside says of a principal (`claim.NAME`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use symbolon_core::jwt::claim_at;

/// The most claims that headers can be made of.
const MAX_CLAIMS: usize = 64;
/// The longest of them, in bytes.
const MAX_CLAIM_BYTES: usize = 1024;

/// Texts, numbers and truths, and lists of texts, by their paths. Only what its path leads to
/// ([`claim_at`]): with a dot in its name a claim would have the path of another one.
pub(super) fn scalars(claims: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    add(claims, "", claims, &mut all);
    all
}

fn add(
    claims: &Map<String, Value>,
    prefix: &str,
    members: &Map<String, Value>,
    all: &mut BTreeMap<String, String>,
) {
    for (name, value) in members {
        let path = format!("{prefix}{name}");
        let text = match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Array(items) => {
                let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                texts.map(|texts| texts.join(","))
            }
            Value::Object(inside) => {
                // As deep as the JSON at most, which is bounded.
                add(claims, &format!("{path}."), inside, all);
                None
            }
            Value::Null => None,
        };
        let leads_here = || claim_at(claims, &path).is_some_and(|found| std::ptr::eq(found, value));
        if let Some(text) = text.filter(|text| text.len() <= MAX_CLAIM_BYTES)
            && all.len() < MAX_CLAIMS
            && leads_here()
        {
            all.insert(path, text);
        }
    }
}
