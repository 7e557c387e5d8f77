//! What a command says: data on standard output, everything else on standard error.
//!
//! A reader that went away (`| head`) is no failure of ours, so broken pipes are passed over.

mod clients;

use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::json;

use super::explained;
use crate::control::{
    KeyRow, MAX_LISTED_ACCOUNTS, MAX_LISTED_SESSIONS, Password, Reply, SessionRow, UserRow,
};

/// Writes data.
pub(super) fn data(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Writes why a command failed; a text that starts with `error:` stands as it is.
pub(super) fn failure(text: &str) {
    let prefix = if text.starts_with("error:") { "" } else { "error: " };
    let _ = writeln!(io::stderr().lock(), "{prefix}{text}");
}

/// Writes what came of a command: JSON, or a table for people.
pub(super) fn reply(reply: &Reply, as_json: bool) {
    let text = match reply {
        Reply::Done(says) if as_json => json(&json!({ "done": says })),
        Reply::Users(rows) if as_json => json(rows),
        Reply::Sessions(rows) if as_json => json(rows),
        Reply::Keys(rows) if as_json => json(rows),
        Reply::Token(token) => format!("{}\n", token.reveal()),
        Reply::Clients(rows) if as_json => json(rows),
        Reply::Client(row) if as_json => json(row),
        Reply::Credential { client, credential, secret, .. } if as_json => {
            let secret = secret.as_ref().map(Password::reveal);
            json(&json!({ "client": client, "credential": credential, "secret": secret }))
        }
        // Read page by page, by the command itself.
        Reply::Audit(rows) => rows.lines.join("\n") + "\n",
        Reply::Explained(told) if as_json => json(told),
        Reply::Explained(told) => explained::text(told),
        Reply::Users(rows) => users(rows),
        Reply::Sessions(rows) => sessions(rows),
        Reply::Keys(rows) => keys(rows),
        Reply::Clients(rows) => clients::list(rows),
        Reply::Client(row) => clients::one(row),
        // The secret alone, so that it can be read by a program.
        Reply::Credential { secret: Some(secret), .. } => format!("{}\n", secret.reveal()),
        Reply::Done(says) | Reply::Credential { says, .. } => format!("{says}\n"),
    };
    data(&text);
    if let Reply::Credential { says, secret: Some(_), .. } = reply {
        note(&format!("{says}; its secret is shown this once"));
    }
    if let Some(bound) = bound(reply) {
        note(&bound);
    }
}

/// What is said of a list that is as long as one may be.
fn bound(reply: &Reply) -> Option<String> {
    match reply {
        Reply::Sessions(rows) if rows.len() >= MAX_LISTED_SESSIONS as usize => {
            Some(format!("only the newest {MAX_LISTED_SESSIONS} sessions are listed"))
        }
        Reply::Users(rows) if rows.len() >= MAX_LISTED_ACCOUNTS => {
            Some(format!("only the first {MAX_LISTED_ACCOUNTS} accounts are listed"))
        }
        _ => None,
    }
}

/// Writes what is worth knowing about the data.
fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "note: {text}");
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{text}\n")
}

fn users(rows: &[UserRow]) -> String {
    let cells = rows.iter().map(|row| {
        let state = if row.disabled { "disabled" } else { "enabled" };
        [
            row.name.clone(),
            state.to_owned(),
            row.roles.join(","),
            row.groups.join(","),
            row.created_at.clone(),
        ]
    });
    table(["NAME", "STATE", "ROLES", "GROUPS", "CREATED"], cells.collect())
}

fn sessions(rows: &[SessionRow]) -> String {
    let cells = rows.iter().map(|row| {
        [
            row.id.clone(),
            row.subject.clone(),
            row.created_at.clone(),
            row.last_seen.clone(),
            row.ends_at.clone(),
            row.source.clone(),
        ]
    });
    let head = ["ID", "SUBJECT", "CREATED", "LAST SEEN", "ENDS", "FROM"];
    table(head, cells.collect())
}

fn keys(rows: &[KeyRow]) -> String {
    let cells = rows.iter().map(|row| {
        let pulled = row.pulled_at.clone().unwrap_or_default();
        [row.id.clone(), row.state.clone(), row.created_at.clone(), row.active_from.clone(), pulled]
    });
    table(["ID", "STATE", "CREATED", "SIGNS FROM", "PULLED"], cells.collect())
}

/// Columns as wide as their widest cell, two spaces between them.
pub(super) fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(rows);
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in &lines {
        let padded: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_end_without_spaces() {
        let rows = vec![["long name".to_owned(), String::new()], ["x".to_owned(), "y".to_owned()]];
        assert_eq!(table(["A", "B"], rows), "A          B\nlong name\nx          y\n");
    }

    #[test]
    fn a_list_that_is_cut_off_says_so() {
        let row = |_| UserRow {
            name: String::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            disabled: false,
            created_at: String::new(),
        };
        let users = |count: usize| Reply::Users((0..count).map(row).collect());
        assert_eq!(bound(&users(MAX_LISTED_ACCOUNTS - 1)), None);
        let says = bound(&users(MAX_LISTED_ACCOUNTS)).unwrap();
        assert_eq!(says, "only the first 100000 accounts are listed");
    }
}
