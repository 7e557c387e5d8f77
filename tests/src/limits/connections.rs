//! From which addresses a listener takes connections.

use std::io::{self, ErrorKind};

use crate::harness::http::{Request, exchange};
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn stage(listener: &str, sections: &str) -> Stage {
    let settings = Settings {
        address: format!("127.0.0.1:0, {listener}"),
        sections: sections.to_owned(),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

/// Whether a connection that begins like this is answered.
fn is_answered(stage: &Stage, beginning: &[u8]) -> bool {
    let mut connection = stage.connect();
    let request = Request::get("/public/x").to_bytes();
    // It may be closed before it could say anything.
    connection.try_send(&[beginning, &request].concat()).is_ok()
        && connection.head().map_or_else(is_not_closed, |_| true)
}

/// Nothing else may be the matter with a connection that is not answered.
#[expect(clippy::needless_pass_by_value, reason = "the form that `map_or_else` takes")]
fn is_not_closed(error: io::Error) -> bool {
    let closed = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];
    assert!(closed.contains(&error.kind()), "{error}");
    false
}

fn denied(stage: &Stage, rule: &str) -> u64 {
    let host = stage.symbolon.admin.to_string();
    let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
    let name = format!("symbolon_connections_denied_total{{rule=\"{rule}\"}} ");
    let count = metrics.text().lines().find_map(|line| line.strip_prefix(&*name)?.parse().ok());
    count.unwrap_or_default()
}

#[test]
fn a_connection_from_elsewhere_is_closed_without_an_answer() {
    for (lists, rule) in [
        ("allow_sources: [10.0.0.0/8]", "allow_sources"),
        ("deny_sources: [127.0.0.1]", "deny_sources"),
        ("allow_sources: [127.0.0.0/8], deny_sources: [127.0.0.0/30]", "deny_sources"),
    ] {
        let stage = stage(lists, "");
        // Also one that says nothing.
        assert!(stage.connect().rest().is_empty(), "{lists}");
        for _ in 0..20 {
            assert!(!is_answered(&stage, b""), "{lists}");
        }
        eventually("the denied are counted", || (denied(&stage, rule) == 21).then_some(()));
        assert_eq!(stage.api.hits(), 0);
        let log = stage.symbolon.log();
        log.wait_for("the first", |line| line.contains("connection denied").then_some(()));
        let told = log.all().iter().filter(|line| line.contains("connection denied")).count();
        // One a second; it takes longer only on a machine that hardly moves.
        assert!(told < 10, "{told} lines");
    }
}

#[test]
fn who_is_allowed_is_served() {
    let stage = stage("allow_sources: [127.0.0.0/8], deny_sources: [10.0.0.0/8]", "");
    assert!(is_answered(&stage, b""));
    assert_eq!((denied(&stage, "allow_sources"), denied(&stage, "deny_sources")), (0, 0));
}

#[test]
fn behind_a_load_balancer_it_is_the_client_that_counts() {
    let lists =
        "proxy_protocol: required, allow_sources: [192.0.2.0/24], deny_sources: [192.0.2.66]";
    let stage = stage(lists, "trusted_proxies: [127.0.0.1]");
    for (source, is_welcome) in [("192.0.2.7", true), ("192.0.2.66", false), ("203.0.113.7", false)]
    {
        let header = format!("PROXY TCP4 {source} 192.0.2.1 56324 443\r\n");
        assert_eq!(is_answered(&stage, header.as_bytes()), is_welcome, "{source}");
    }
    assert_eq!((denied(&stage, "allow_sources"), denied(&stage, "deny_sources")), (1, 1));
}
