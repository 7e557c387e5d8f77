//! The client, the service, and the gateway between them.

use std::net::SocketAddr;
use std::process::Command;

use serde_json::Value;

use crate::harness::program::{Program, run};
use crate::harness::python;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The service `test.Echo` (`tests/python/grpc_server.py`).
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    program: Program,
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Outcome(Value);

impl Service {
    pub(crate) fn start() -> Self {
        let program = Program::start(&mut python::script("grpc_server.py"));
        let address = program
            .stdout
            .wait_for("the address", |line| line.strip_prefix("listening on ")?.parse().ok());
        Self { address, program }
    }

    /// Waits for a line about this method: `call` when it begins, `over` when it has ended.
    pub(super) fn wait_for(&self, what: &str, method: &str) -> Value {
        self.program.stdout.wait_for(what, |line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line[what] == method).then_some(line)
        })
    }

    /// How many calls it has seen.
    pub(super) fn calls(&self) -> usize {
        self.program.stdout.all().iter().filter(|line| line.contains("\"call\"")).count()
    }
}

/// A gateway whose route `/test.Echo` is for everybody, or for those that are logged in.
pub(super) fn stage(service: &Service, authenticate: &str, keys: &str) -> Stage {
    stage_at(service.address, authenticate, keys)
}

pub(super) fn stage_at(address: SocketAddr, authenticate: &str, keys: &str) -> Stage {
    let settings = Settings {
        services: format!("  echo: {{ targets: [http://{address}], protocol: h2{keys} }}"),
        routes: format!(
            "  - {{ name: echo, paths: [/test.Echo], service: echo, max_body: 2GiB, \
             authenticate: {authenticate} }}"
        ),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

/// The command that makes a call (`tests/python/grpc_client.py`).
pub(super) fn command(stage: &Stage, kind: &str, method: &str, rest: &[&str]) -> Command {
    let mut command = python::script("grpc_client.py");
    let address = stage.symbolon.address.to_string();
    command.args([&address, kind, &format!("/test.Echo/{method}")]).args(rest);
    command
}

/// Makes a call and waits for its end.
#[track_caller]
pub(super) fn call(stage: &Stage, kind: &str, method: &str, rest: &[&str]) -> Outcome {
    let output = run(&mut command(stage, kind, method, rest), "");
    let text = String::from_utf8(output.stdout).unwrap();
    Outcome::of(text.lines().last().unwrap_or_else(|| panic!("{:?}", output.stderr)))
}

impl Outcome {
    pub(super) fn of(line: &str) -> Self {
        Self(serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: `{line}`")))
    }

    pub(super) fn code(&self) -> &str {
        self.0["code"].as_str().unwrap()
    }

    pub(super) fn details(&self) -> &str {
        self.0["details"].as_str().unwrap()
    }

    /// What was answered, for a call that has to succeed.
    #[track_caller]
    pub(super) fn value(&self) -> &Value {
        assert_eq!(self.code(), "OK", "{self:?}");
        &self.0["value"]
    }

    pub(super) fn initial(&self, name: &str) -> Option<&str> {
        metadata(&self.0["initial"], name)
    }

    pub(super) fn trailing(&self, name: &str) -> Option<&str> {
        metadata(&self.0["trailing"], name)
    }
}

/// A value of metadata.
pub(super) fn metadata<'a>(pairs: &'a Value, name: &str) -> Option<&'a str> {
    let pair = pairs.as_array()?.iter().find(|pair| pair[0] == name)?;
    pair[1].as_str()
}
