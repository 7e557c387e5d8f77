//! Clients as text.

use std::fmt::Write as _;

use super::table;
use crate::control::ClientRow;

/// A line for each.
pub(super) fn list(rows: &[ClientRow]) -> String {
    let cells = rows.iter().map(|row| {
        let credentials: Vec<&str> = row.credentials.iter().map(|one| one.id.as_str()).collect();
        [
            row.name.clone(),
            row.source.clone(),
            row.state().to_owned(),
            row.groups.join(","),
            row.roles.join(","),
            credentials.join(","),
        ]
    });
    table(["NAME", "FROM", "STATE", "GROUPS", "ROLES", "CREDENTIALS"], cells.collect())
}

/// Everything about one, and a line for each of its credentials.
pub(super) fn one(row: &ClientRow) -> String {
    let labels: Vec<String> =
        row.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let facts = [
        ["name".to_owned(), row.name.clone()],
        ["from".to_owned(), row.source.clone()],
        ["state".to_owned(), row.state().to_owned()],
        ["custom id".to_owned(), row.custom_id.clone().unwrap_or_default()],
        ["groups".to_owned(), row.groups.join(", ")],
        ["roles".to_owned(), row.roles.join(", ")],
        ["scopes".to_owned(), row.scopes.join(" ")],
        ["labels".to_owned(), labels.join(", ")],
    ];
    let mut text = String::new();
    for [name, value] in facts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", format!("{name:9}  {value}").trim_end());
    }
    text.push('\n');
    let cells = row.credentials.iter().map(|one| {
        let state = if one.expired { "expired" } else { "good" };
        [
            one.id.clone(),
            one.kind.clone(),
            one.shown.clone().unwrap_or_default(),
            state.to_owned(),
            one.expires_at.clone().unwrap_or_default(),
            one.last_used.clone().unwrap_or_default(),
        ]
    });
    let head = ["CREDENTIAL", "KIND", "SHOWS", "STATE", "EXPIRES", "LAST USED"];
    text + &table(head, cells.collect())
}
