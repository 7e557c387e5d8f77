//! The handle to the process that generates the load and is the upstream.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use anyhow::{Context, Result};

use super::{Order, Outcome};
use crate::{
    pinned::{Pinned, free_port, on_core},
    workload::LOAD_CORE,
};

/// A running load generator. Ends when dropped.
pub(crate) struct Generator {
    process: Pinned,
    /// The port of the service behind every proxy.
    pub(crate) upstream: u16,
}

impl Generator {
    /// Starts it on its core.
    pub(crate) fn start() -> Result<Self> {
        let upstream = free_port()?;
        let mut command =
            on_core(LOAD_CORE, std::env::current_exe().context("cannot find this program")?);
        command
            .args(["load", "--upstream-port", &upstream.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Ok(Self { process: Pinned::spawn(&mut command, upstream)?, upstream })
    }

    /// Has an order carried out. An error ends the generator, which says on stderr why.
    pub(crate) fn carry_out(&mut self, order: &Order) -> Result<Outcome> {
        let (stdin, stdout) = self.process.pipes().context("the load generator has no pipes")?;
        writeln!(stdin, "{order}").context("the load generator has ended")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("the load generator has ended")?;
        line.parse()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}
