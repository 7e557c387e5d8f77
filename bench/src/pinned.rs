//! Processes pinned to one core with `taskset`, ended when dropped.

use std::{
    ffi::OsStr,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// How often a starting process is asked whether it listens yet.
const STEP: Duration = Duration::from_millis(10);
/// How many steps a process may take: a minute, for those that load a million entries first.
const STEPS: u32 = 6_000;

/// A running process.
pub(crate) struct Pinned(Child);

impl Pinned {
    /// Starts `program` on `core`, with its output in the file `log`, and waits until it accepts
    /// connections on `port` of the loopback address.
    pub(crate) fn start(
        core: u32,
        program: impl AsRef<OsStr>,
        arguments: &[&str],
        log: &Path,
        port: u16,
    ) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("cannot make {}", log.display()))?;
        let errors = output.try_clone().context("cannot share the log")?;
        let mut command = on_core(core, program);
        command.args(arguments).stdin(Stdio::null()).stdout(output).stderr(errors);
        let process = Self::spawn(&mut command, port);
        process.with_context(|| std::fs::read_to_string(log).unwrap_or_default())
    }

    /// Starts a command and waits until it accepts connections on `port`.
    pub(crate) fn spawn(command: &mut Command, port: u16) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut process = Self(child);
        for _ in 0..STEPS {
            if TcpStream::connect(loopback(port)).is_ok() {
                return Ok(process);
            }
            if let Some(status) = process.0.try_wait().context("cannot look at the process")? {
                bail!("{command:?} ended with {status}");
            }
            thread::sleep(STEP);
        }
        bail!("{command:?} does not listen on port {port}")
    }

    /// What it reads on stdin and writes on stdout; none where these are no pipes.
    pub(crate) fn pipes(&mut self) -> Option<(&mut ChildStdin, &mut ChildStdout)> {
        Some((self.0.stdin.as_mut()?, self.0.stdout.as_mut()?))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // A master process takes its workers along on TERM, not on KILL.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        for _ in 0..300 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(STEP);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command that will run on `core`.
pub(crate) fn on_core(core: u32, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(program);
    command
}

/// A port of the loopback address that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(loopback(0)).context("cannot find a free port")?;
    Ok(listener.local_addr().context("cannot find a free port")?.port())
}

/// The loopback address with `port`.
pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
