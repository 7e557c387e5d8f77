//! How often, how many at once, from where, and how much.

mod concurrency;
mod connections;
mod descriptors;
mod flooding;
mod oversize;
mod oversize_answers;
mod oversize_http2;
mod rate;
mod sources;

use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The usual scene behind a proxy that says where requests come from.
fn behind_a_proxy(routes: &str, sections: &str) -> Stage {
    Stage::set(&settings(routes, sections), Upstream::plain())
}

fn settings(routes: &str, sections: &str) -> Settings {
    let sections = format!("trusted_proxies: [127.0.0.0/8]\n{sections}");
    Settings { routes: routes.to_owned(), sections, ..Settings::default() }
}
