//! `services`: named upstream groups.

mod balance;
mod failure;
mod health;
mod identity_headers;
mod target;
mod tls;

pub(super) use tls::{KEY as TLS, read_with as read_tls};

use std::time::Duration;

use symbolon_gateway::config::{Balancing, Protocol, Service, Targets, Timeouts};

use super::auth;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{HOUR, Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::Name;

pub(super) static SECTION: Section = Section {
    is: "a service",
    doc: "A named group of targets with an audience",
    keys: &[
        Key::required(
            "targets",
            "Where it runs: `http://HOST:PORT`, `https://HOST:PORT`, `srv://NAME`, or `{ url: …, weight: N }`",
            Shape::List {
                of: &Shape::Either(&[Shape::Text, Shape::Section(&target::SECTION)]),
                min: 1,
            },
        ),
        Key::optional(
            "audience",
            "The `aud` of the tokens made for it. Default: its name",
            Shape::Text,
        ),
        balance::KEY,
        Key::default(
            "protocol",
            "What its targets speak: HTTP/1.1, or HTTP/2 by prior knowledge",
            Shape::Choice { of: &["h1", "h2"], later: &[] },
            "h1",
        ),
        Key::optional("tls", tls::SECTION.doc, Shape::Section(&tls::SECTION)),
        Key::default(
            "slow_start",
            "How long a target that comes back takes to get its full share",
            Shape::Duration { min: 0, max: HOUR },
            "0s",
        ),
        health::KEY,
        Key::section("ejection", &failure::EJECTION),
        Key::section("retries", &failure::RETRIES),
        Key::section("breaker", &failure::BREAKER),
        Key::section("timeouts", &TIMEOUTS),
        Key::default(
            "session_writes",
            "Keys of the session data that it may change",
            Shape::List { of: &Shape::Text, min: 0 },
            "[]",
        ),
        identity_headers::KEY,
    ],
};

static TIMEOUTS: Section = Section {
    is: "`timeouts`",
    doc: "How long to wait for the service",
    keys: &[
        Key::default("connect", "For a connection", TIMEOUT, "1s"),
        Key::default("response", "For the head of a response", TIMEOUT, "30s"),
        Key::default("idle", "Between two pieces of a body", TIMEOUT, "60s"),
        Key::optional(
            "total",
            "To the end of the head of the response, over all tries. Default: none",
            TIMEOUT,
        ),
    ],
};

const TIMEOUT: Shape = Shape::Duration { min: 1, max: HOUR };

/// Reads one service; it may lack targets when they were reported.
pub(super) fn read(
    name: &Name,
    fields: Fields<'_>,
    has_resolver: bool,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Service {
    if name.text == auth::ROUTE_NAME {
        let message = format!("the name `{}` belongs to the authentication service", name.text);
        mistakes.add(name.place, message);
    }
    if !is_name(&name.text) {
        let message = format!(
            "service name `{}` must be 1 to 64 letters, digits, `.`, `_` and `-`",
            name.text
        );
        mistakes.add(name.place, message);
    }
    let written = fields.list("targets").iter();
    let written: Vec<_> =
        written.filter_map(|node| target::read(node, has_resolver, mistakes)).collect();
    let protocol = match fields.text("protocol") {
        "h2" => Protocol::H2,
        _ => Protocol::H1,
    };
    check_breaker(fields, protocol, mistakes);
    let is_https = written.iter().any(|target| target.is_https);
    let tls = tls::read(fields, is_https, protocol, surroundings, mistakes);
    let targets =
        written.into_iter().map(|target| target.resolved(tls.as_ref(), mistakes)).collect();
    Service {
        name: name.text.as_str().into(),
        audience: fields.optional_text("audience").unwrap_or(&name.text).into(),
        targets: Targets::Network(targets),
        protocol,
        timeouts: timeouts(fields),
        balancing: balancing(fields, mistakes),
        session_writes: fields.texts("session_writes"),
        identity_headers: identity_headers::read(fields, mistakes),
    }
}

/// A bound that is not enforced would be none.
fn check_breaker(service: Fields<'_>, protocol: Protocol, mistakes: &mut Mistakes) {
    let bound = service.section("breaker").and_then(|breaker| breaker.get("max_connections"));
    if let (Some(bound), Protocol::H2) = (bound, protocol) {
        let message = "`max_connections` has no meaning with `protocol: h2`, which shares them: \
                       `max_requests` bounds what is under way";
        mistakes.add(bound.place, message);
    }
}

fn timeouts(service: Fields<'_>) -> Timeouts {
    let fields = service.section("timeouts");
    let read = |key| fields.map_or(Duration::ZERO, |fields| fields.duration(key));
    Timeouts { connect: read("connect"), response: read("response"), idle: read("idle") }
}

/// What is missing in the result was reported.
fn balancing(service: Fields<'_>, mistakes: &mut Mistakes) -> Balancing {
    let default = Balancing::default();
    let total = service
        .section("timeouts")
        .and_then(|fields| fields.get("total").map(|_| fields.duration("total")));
    Balancing {
        policy: balance::read(service, mistakes),
        slow_start: service.duration("slow_start"),
        health: health::read(service, mistakes),
        ejection: failure::ejection(service, mistakes).unwrap_or(default.ejection),
        retries: failure::retries(service, mistakes).unwrap_or(default.retries),
        breaker: failure::breaker(service).unwrap_or(default.breaker),
        total,
    }
}

/// Names stand in logs and metrics as they are.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}
