//! The usual scene: a service `many` with the targets and keys that a test wants, and a route to
//! it at `/many` for everybody.

use std::net::SocketAddr;

use crate::harness::http::{Request, Response, exchange};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::answer::{ok, with};
use crate::harness::upstream::{Peer, Upstream};

/// The route to the service.
pub(super) const ROUTE: &str =
    "  - { name: many, paths: [/many], service: many, authenticate: none }";

/// The settings with these targets and further keys of the service.
pub(super) fn settings(targets: &[SocketAddr], keys: &str) -> Settings {
    let targets: Vec<_> = targets.iter().map(|target| format!("http://{target}")).collect();
    Settings {
        services: format!("  many: {{ targets: [{}]{keys} }}", targets.join(", ")),
        routes: ROUTE.to_owned(),
        ..Settings::default()
    }
}

/// The gateway with these targets and further keys of the service.
pub(super) fn stage(targets: &[&Upstream], keys: &str) -> Stage {
    let addresses: Vec<_> = targets.iter().map(|target| target.address).collect();
    Stage::set(&settings(&addresses, keys), Upstream::plain())
}

/// A target that says its name.
pub(super) fn named(name: &'static str) -> Upstream {
    Upstream::answering(move |_| ok(name))
}

/// A target that answers with this status.
pub(super) fn failing(status: &'static str) -> Upstream {
    Upstream::answering(move |_| with(status, &[], "sorry"))
}

/// A target that answers nothing below `/many/hang`, and everything else.
pub(super) fn hanging() -> Upstream {
    Upstream::scripted(|peer: &mut Peer| {
        while let Some(request) = peer.request() {
            if request.target().starts_with("/many/hang") {
                return peer.wait_until_closed();
            }
            peer.write(&ok("{}"));
        }
    })
}

/// What the admin listener says of a series whose line has all these words.
pub(super) fn metric(stage: &Stage, words: &[&str]) -> Option<f64> {
    let host = stage.symbolon.admin.to_string();
    let request = Request::get("/metrics").with("Host", &host);
    let answer: Response = exchange(stage.symbolon.admin, &request).expect(200);
    let mut lines = answer.text().lines().filter(|line| !line.starts_with('#'));
    let line = lines.find(|line| words.iter().all(|word| line.contains(word)))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Waits until the gateway has logged this of a target.
pub(super) fn wait_for_log(stage: &Stage, message: &str, target: SocketAddr) {
    let target = target.to_string();
    stage
        .symbolon
        .log()
        .wait_for(message, |line| (line.contains(message) && line.contains(&target)).then_some(()));
}
