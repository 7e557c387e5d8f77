//! Guessing, by whatever way in: few guesses are verified, nobody is locked out, and nobody else
//! notices.

mod restart;
mod ten_thousand;
mod wrong_keys;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::harness::http::{Request, exchange};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// With routes that take passwords and keys with every request.
fn stage() -> Stage {
    let settings = Settings {
        sections: "authenticators:
  accounts: { basic: { accounts: true } }
"
        .to_owned(),
        routes: "
  - { name: basic, paths: [/basic], service: api, authenticate: [accounts] }
  - { name: machines, paths: [/machines], service: api, authenticate: [api_key] }"
            .to_owned(),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

fn basic(name: &str, password: &str) -> Request {
    let pair = STANDARD.encode(format!("{name}:{password}"));
    Request::get("/basic").with("Authorization", &format!("Basic {pair}"))
}

/// How many passwords were hashed so far.
fn hashes(stage: &Stage) -> u64 {
    let host = stage.symbolon.admin.to_string();
    let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
    let mut lines = metrics.text().lines();
    let line = lines.find_map(|line| line.strip_prefix("symbolon_password_hashes_total "));
    line.unwrap().parse().unwrap()
}
