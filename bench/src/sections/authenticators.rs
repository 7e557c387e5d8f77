//! `authenticators`: what each way to prove who one is costs, beside the peers that have it.

use std::fmt::Write;

use super::{Outcome, ROUNDS, Row, Section};
use crate::{
    compare::{
        ratio,
        table::{Bases, Columns},
    },
    peers::{Program, authenticators},
};

const PLAIN: &str = "plain reverse proxy";
const KEYS: &str = "something opaque that is looked up";
const PASSWORDS: &str = "name and password";
const SIGNATURES: &str = "a signature over each request";
const TOKENS: &str = "a signed token, the same each time";
const CERTIFICATES: &str = "a certificate, kept TLS connections";

/// One of ours, and the peer's that does the same.
const PAIRS: [(&str, &str); 12] = [
    ("symbolon-session", "nginx"),
    ("symbolon-api-key", "nginx-lua-key"),
    ("symbolon-basic-client", "nginx-basic-sha"),
    ("symbolon-basic-client", "nginx-basic-apr1"),
    ("symbolon-basic-client", "nginx-basic-bcrypt"),
    ("symbolon-jwt-hs256-client", "haproxy-jwt-hs256"),
    ("symbolon-jwt-rs256-issuer", "haproxy-jwt-rs256"),
    ("symbolon-jwt-rs256-issuer", "envoy-jwt-rs256"),
    ("symbolon-jwt-es256-issuer", "haproxy-jwt-es256"),
    ("symbolon-jwt-es256-issuer", "envoy-jwt-es256"),
    ("symbolon-mtls", "nginx-mtls"),
    ("symbolon-mtls-api-key", "nginx-mtls"),
];

pub(super) const SECTION: Section = Section {
    name: "authenticators",
    title: "Authenticators",
    rounds: ROUNDS,
    with_latency: false,
    programs,
    tables,
};

fn programs() -> Vec<Program> {
    [
        authenticators::plain(PLAIN),
        authenticators::keys(KEYS),
        authenticators::passwords(PASSWORDS),
        authenticators::signatures(SIGNATURES),
        authenticators::tokens(TOKENS),
        authenticators::certificates(CERTIFICATES),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tables(rows: &[Row], direct: &[Outcome]) -> String {
    let columns = Columns {
        unit: "request",
        bases: Bases { nginx: "vs nginx plain", ours: "vs Symbolon plain" },
        direct,
    };
    let over_tls = Columns {
        bases: Bases { nginx: "vs nginx, TLS", ours: "vs Symbolon, TLS" },
        ..Columns::of("request")
    };
    let groups = [PLAIN, KEYS, PASSWORDS, SIGNATURES, TOKENS];
    let tables: String = groups.iter().map(|group| columns.table(rows, group)).collect();
    tables + &over_tls.table(rows, CERTIFICATES) + &pairs(rows)
}

/// Each of ours beside the peer that has it; those that were not measured are left out.
fn pairs(rows: &[Row]) -> String {
    let mut text =
        "\n| ours | beside | CPU per request, ours / theirs |\n|---|---|--:|\n".to_owned();
    let named = |name: &str| rows.iter().find(|row| row.program.name == name);
    for (ours, theirs) in PAIRS {
        if let (Some(ours), Some(theirs)) = (named(ours), named(theirs)) {
            let (ours_title, theirs_title) = (ours.program.title, theirs.program.title);
            // Writing into a string cannot fail.
            let _ =
                writeln!(text, "| {ours_title} | {theirs_title} | {:.2} |", ratio(ours, theirs));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{PAIRS, programs};

    #[test]
    fn every_pair_is_measured() {
        let programs = programs();
        for name in PAIRS.iter().flat_map(|(ours, theirs)| [ours, theirs]) {
            assert!(programs.iter().any(|program| program.name == *name), "{name}");
        }
    }
}
