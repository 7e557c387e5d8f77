//! A service that speaks HTTP/2 by prior knowledge and tells what it sees.

use std::net::SocketAddr;

use serde_json::Value;

use super::super::program::Program;
use super::super::python;

/// A running service; what it does depends on the path (`tests/python/h2_server.py`).
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    program: Program,
}

impl Service {
    pub(crate) fn start() -> Self {
        Self::run(&[])
    }

    /// One that allows so many streams on a connection.
    pub(crate) fn allowing(streams: u32) -> Self {
        Self::run(&[&streams.to_string()])
    }

    fn run(words: &[&str]) -> Self {
        let program = Program::start(python::script("h2_server.py").args(words));
        let address = program
            .stdout
            .wait_for("the address", |line| line.strip_prefix("listening on ")?.parse().ok());
        Self { address, program }
    }

    /// Waits for so many lines that have this key, and returns them.
    pub(crate) fn wait_for(&self, count: usize, key: &str) -> Vec<Value> {
        self.program.stdout.wait_for_several(count, key, |line| tells(line, key))
    }

    /// The lines so far that have this key.
    pub(crate) fn told(&self, key: &str) -> Vec<Value> {
        self.program.stdout.all().iter().filter_map(|line| tells(line, key)).collect()
    }
}

fn tells(line: &str, key: &str) -> Option<Value> {
    let line: Value = serde_json::from_str(line).ok()?;
    (!line[key].is_null()).then_some(line)
}
