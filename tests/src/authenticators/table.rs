//! Tables of cases: what is sent, what comes of it.

use serde_json::Value;

use crate::harness::http::{Request, Response, exchange};
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then<'a> {
    /// The service sees it.
    Served,
    /// 401, and nothing was offered.
    Missing,
    /// 401, for this authenticator's credential, and why.
    Failed(&'a str, &'a str),
}

/// One row: what it is about, the request, and what comes of it.
pub(super) type Case<'a> = (&'a str, Request, Then<'a>);

/// Tries all rows on a route that asks for these schemes.
#[track_caller]
pub(super) fn check(stage: &Stage, challenges: &[&str], cases: &[Case<'_>]) {
    for (what, request, then) in cases {
        let before = stage.api.hits();
        let answer = stage.exchange(request);
        let seen = stage.api.hits() - before;
        match then {
            Then::Served => assert_eq!((answer.status, seen), (200, 1), "{what}: {answer:?}"),
            Then::Missing => {
                assert_eq!(seen, 0, "{what}: the service has seen it");
                is_refused(what, &answer, challenges, None);
            }
            Then::Failed(authenticator, reason) => {
                assert_eq!(seen, 0, "{what}: the service has seen it");
                is_refused(what, &answer, challenges, Some((authenticator, reason)));
            }
        }
    }
}

#[track_caller]
fn is_refused(what: &str, answer: &Response, challenges: &[&str], why: Option<(&str, &str)>) {
    assert_eq!(answer.status, 401, "{what}: {answer:?}");
    let asked: Vec<&str> = answer.headers().all("www-authenticate").collect();
    let is_asked = |challenge: &&str| asked.iter().any(|asked| asked.starts_with(challenge));
    assert!(asked.len() == challenges.len(), "{what}: {asked:?}");
    assert!(challenges.iter().all(is_asked), "{what}: {asked:?}");
    let body = answer.json();
    let (code, authenticator, reason) = match why {
        None => ("no_credentials", Value::Null, Value::Null),
        Some((authenticator, reason)) => ("bad_credentials", authenticator.into(), reason.into()),
    };
    assert_eq!(body["code"], code, "{what}: {body}");
    assert_eq!(body["authenticator"], authenticator, "{what}: {body}");
    assert_eq!(body["reason"], reason, "{what}: {body}");
}

/// A new client in the store, of the group `machines`.
#[track_caller]
pub(super) fn add_client(symbolon: &Symbolon, name: &str) {
    symbolon.run(&["client", "add", name, "--group", "machines"]);
}

/// A new API key of a client; `words` are further options.
#[track_caller]
pub(super) fn add_key(symbolon: &Symbolon, client: &str, words: &[&str]) -> String {
    let command = [&["client", "credential", "add", client, "api-key"], words].concat();
    symbolon.run(&command).trim().to_owned()
}

/// A user name and a password of a client.
#[track_caller]
pub(super) fn add_basic(symbolon: &Symbolon, client: &str, username: &str, password: &str) {
    let command = ["client", "credential", "add", client, "basic", "--username", username];
    symbolon.run_with(&[&command[..], &["--password-stdin"]].concat(), password);
}

/// A meter of the admin listener.
#[track_caller]
pub(super) fn meter(stage: &Stage, name: &str) -> u64 {
    let admin = stage.symbolon.admin;
    let answer = exchange(admin, &Request::get("/metrics").with("Host", &admin.to_string()));
    let line = answer.text().lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    line.unwrap_or_else(|| panic!("no meter `{name}`"))
}
