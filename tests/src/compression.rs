//! Compressed answers: what is compressed, how clients and caches are told, and what never is.

mod exposed;
mod kinds;
mod streams;

use std::process::Command;

use crate::harness::http::Request;
use crate::harness::program::run;
use crate::harness::settings::{HOST, Settings};
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const ROUTES: &str = "
  - { name: zip, paths: [/zip], service: api, authenticate: none, compress: {} }
  - { name: mine, paths: [/mine], service: api, authenticate: [session, bearer], compress: {} }
  - { name: gzip, paths: [/gzip], service: api, authenticate: none, compress: { encodings: [gzip], min_size: 0B, types: [text/*, application/*] } }";

fn stage(routes: &str, api: Upstream) -> Stage {
    Stage::set(&Settings { routes: format!("{ROUTES}{routes}"), ..Settings::default() }, api)
}

/// A text that is worth it.
fn text() -> String {
    let lines: Vec<String> =
        (0..1_000).map(|number| format!("line {number} of a text\n")).collect();
    lines.concat()
}

fn accepting(target: &str, encodings: &str) -> Request {
    Request::get(target).with("Accept-Encoding", encodings)
}

/// What curl, which decodes on its own, makes of an answer.
fn curl(stage: &Stage, target: &str, arguments: &[&str]) -> String {
    let address = stage.symbolon.address;
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--max-time", "30", "--compressed"])
        .args(["--header", &format!("Host: {HOST}")])
        .args(arguments)
        .arg(format!("http://{address}{target}"));
    let output = run(&mut command, "");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
