//! `balance`: how requests are spread over the targets.

use axum::http::HeaderName;
use symbolon_gateway::config::balancing::{HashBy, Policy};

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Node, Value};

pub(super) const KEY: Key = Key::default(
    "balance",
    "How requests are spread over the targets: a word, `{ consistent_hash: … }` or \
     `{ sticky: … }`",
    Shape::Either(FORMS),
    "round_robin",
);

const FORMS: &[Shape] = &[
    Shape::Choice { of: &["round_robin", "least_requests", "ewma"], later: &[] },
    Shape::Section(&BALANCE),
];

static BALANCE: Section = Section {
    is: "`balance`",
    doc: "How requests are spread over the targets",
    keys: &[
        Key::optional(
            "consistent_hash",
            "The same key goes to the same target",
            Shape::Section(&CONSISTENT_HASH),
        ),
        Key::optional(
            "sticky",
            "The target that answered before, named by a cookie",
            Shape::Section(&STICKY),
        ),
    ],
};

static CONSISTENT_HASH: Section = Section {
    is: "`consistent_hash`",
    doc: "What is hashed; where a request lacks it, the targets take turns",
    keys: &[
        Key::optional("header", "A header of the request", Shape::Text),
        Key::optional("cookie", "A cookie of the request", Shape::Text),
        Key::optional("principal", "Whoever was authenticated", Shape::Truth),
        Key::optional("source", "The address the request came from", Shape::Truth),
    ],
};

static STICKY: Section = Section {
    is: "`sticky`",
    doc: "The target that answered before, named by a cookie",
    keys: &[Key::required("cookie", "The name of the cookie", Shape::Text)],
};

/// Headers that carry credentials or belong to the connection.
const NEVER_HASHED: [&str; 12] = [
    "apikey",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Reads any of the forms.
pub(super) fn read(service: Fields<'_>, mistakes: &mut Mistakes) -> Policy {
    let Some(node) = service.get("balance") else { return Policy::RoundRobin };
    match &node.value {
        Value::Mapping(_) => read_section(node, mistakes).unwrap_or(Policy::RoundRobin),
        _ => match node.scalar() {
            Some("least_requests") => Policy::LeastRequests,
            Some("ewma") => Policy::Ewma,
            _ => Policy::RoundRobin,
        },
    }
}

fn read_section(node: &Node, mistakes: &mut Mistakes) -> Option<Policy> {
    let fields = Fields::new(node, &BALANCE);
    match (fields.section("consistent_hash"), fields.section("sticky")) {
        (Some(hash), None) => read_hash(hash, mistakes).map(Policy::ConsistentHash),
        (None, Some(sticky)) => {
            let cookie = cookie(sticky, mistakes)?;
            Some(Policy::Sticky { cookie: cookie.into() })
        }
        _ => {
            mistakes.add(node.place, "`balance` must say either `consistent_hash` or `sticky`");
            None
        }
    }
}

fn read_hash(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<HashBy> {
    let mut by = Vec::new();
    if fields.get("header").is_some() {
        let name = fields.parse::<HeaderName>("header", mistakes)?;
        if NEVER_HASHED.contains(&name.as_str()) {
            let message = format!("`header: {name}` does not choose a target");
            let hint = "`principal: true` or `source: true` may be what is meant".to_owned();
            mistakes.push(Mistake::new(fields.place(), message).hint(Some(hint)));
        }
        by.push(HashBy::Header(name));
    }
    if fields.get("cookie").is_some() {
        by.push(HashBy::Cookie(cookie(fields, mistakes)?.into()));
    }
    if fields.is_true("principal") {
        by.push(HashBy::Principal);
    }
    if fields.is_true("source") {
        by.push(HashBy::Source);
    }
    if by.len() != 1 {
        let message = "`consistent_hash` must say one of `header`, `cookie`, `principal: true` \
                       and `source: true`";
        mistakes.add(fields.place(), message);
        return None;
    }
    by.pop()
}

/// The name of a cookie (RFC 6265 section 4.1.1), as far as anybody needs.
fn cookie<'a>(fields: Fields<'a>, mistakes: &mut Mistakes) -> Option<&'a str> {
    let node = fields.get("cookie")?;
    let name = node.scalar()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(is_plain) {
        return Some(name);
    }
    let message = format!("cookie name `{name}` must be 1 to 64 letters, digits, `-` and `_`");
    mistakes.add(node.place, message);
    None
}
