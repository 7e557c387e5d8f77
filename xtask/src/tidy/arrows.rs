//! Which crate may know which: the arrows of docs/ARCHITECTURE.md, read off the dependency graph.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::run;

/// Every crate of ours begins with this.
const OURS: &str = "symbolon-";

/// One crate, and the limits of what may be in its graph, at any depth.
struct Room {
    package: &'static str,
    knows: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
    features: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room {
        package: "symbolon-verifier",
        knows: &[],
        never: &["hyper", "hyper-util", "reqwest", "tokio"],
        why: "without its features the verifier has no HTTP client and no runtime",
        features: &["--no-default-features"],
    },
    Room {
        package: "symbolon-core",
        knows: &["symbolon-verifier"],
        never: &["tokio", "hyper", "sqlx", "axum"],
        why: "the domain is pure: no async, no I/O",
        features: &[],
    },
    Room {
        package: "symbolon-store",
        knows: &["symbolon-core", "symbolon-verifier"],
        never: &["hyper", "axum"],
        why: "the store speaks SQL, not HTTP",
        features: &[],
    },
    Room {
        package: "symbolon-auth",
        knows: &["symbolon-store", "symbolon-core", "symbolon-verifier"],
        never: &[],
        why: "",
        features: &[],
    },
    Room {
        package: "symbolon-gateway",
        knows: &["symbolon-store", "symbolon-core", "symbolon-verifier"],
        never: &[],
        why: "",
        features: &[],
    },
];

/// Every arrow that should not be there.
pub(super) fn findings() -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for room in ROOMS {
        for dependency in graph(room)? {
            let dependency = dependency.as_str();
            if room.never.contains(&dependency) {
                findings.push(format!("{} knows `{dependency}`: {}", room.package, room.why));
            }
            let is_ours = dependency == "symbolon" || dependency.starts_with(OURS);
            if is_ours && dependency != room.package && !room.knows.contains(&dependency) {
                findings.push(format!("{} must not know `{dependency}`", room.package));
            }
        }
    }
    Ok(findings)
}

/// The names of all crates that the room's crate is built from.
fn graph(room: &Room) -> Result<BTreeSet<String>> {
    let mut tree = run::cargo(&[
        "tree",
        "--locked",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--package",
        room.package,
    ]);
    let listing = run::captured(tree.args(room.features))?;
    Ok(listing.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}
