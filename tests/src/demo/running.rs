//! A demo that runs, as somebody meets it who has just started it.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::http::{Request, Response, exchange};
use crate::harness::program::Program;
use crate::harness::surroundings;
use crate::harness::visitor::Visitor;

/// The demo and what it printed.
pub(crate) struct Demo {
    pub(crate) program: Program,
    pub(crate) address: SocketAddr,
    /// The API key of the client `robot`.
    pub(crate) robot_key: String,
    folder: TempDir,
}

impl Demo {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(surroundings::symbolon());
        command.args(["demo", "--port", "0", "--data"]).arg(folder.path());
        let program = Program::start(&mut command);
        let address = program.stdout.wait_for("the address", |line| {
            line.split("http://").nth(1)?.split(['/', ' ']).next()?.parse().ok()
        });
        let robot_key = program.stdout.wait_for("the key", |line| {
            let key = line.trim().strip_prefix("robot")?.trim();
            key.starts_with("symk_").then(|| key.to_owned())
        });
        program
            .stdout
            .wait_for("the end of the tour", |line| line.contains("Ctrl-C").then_some(()));
        Self { program, address, robot_key, folder }
    }

    /// A browser in which nobody is logged in.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.address).at_origin(&format!("http://{}", self.address))
    }

    /// One of the demo's accounts, logged in.
    pub(crate) fn person(&self, name: &str) -> Visitor {
        let mut visitor = self.visitor();
        visitor.log_in(name);
        visitor
    }

    /// One request without any identity.
    #[track_caller]
    pub(crate) fn exchange(&self, request: &Request) -> Response {
        exchange(self.address, request)
    }

    /// Where the example services listen, by name, as the configuration says.
    pub(crate) fn service(&self, name: &str) -> SocketAddr {
        let text = fs::read_to_string(self.configuration()).unwrap();
        let (_, rest) = text.split_once(&format!("  {name}:\n")).unwrap();
        let target = rest.split("http://").nth(1).unwrap();
        target.split(['"', ']', ' ', '/']).next().unwrap().parse().unwrap()
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.path().join("symbolon.yaml")
    }
}
