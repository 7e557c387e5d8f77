//! A process that a test started, ended with the test whatever becomes of it.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::lines::Lines;
use super::patience::eventually;

/// A running process and what it writes.
pub(crate) struct Program {
    child: Child,
    /// Whether what it starts is ended with it.
    leads: bool,
    /// Standard output.
    pub(crate) stdout: Lines,
    /// Standard error.
    pub(crate) stderr: Lines,
}

impl Program {
    /// Starts it with both outputs kept and nothing to read.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::begin(command, false)
    }

    /// The same for one that starts others, which are ended with it.
    pub(crate) fn leading(command: &mut Command) -> Self {
        Self::begin(command.process_group(0), true)
    }

    fn begin(command: &mut Command, leads: bool) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = Lines::of(child.stdout.take().unwrap());
        let stderr = Lines::of(child.stderr.take().unwrap());
        Self { child, leads, stdout, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: it gets no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        if self.leads {
            // The group has the number of its first process, which nobody else is given before
            // that one was waited for. It may be empty.
            let group = format!("-{}", self.id());
            let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).output();
        }
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        eventually("the end of the process", || self.child.try_wait().unwrap())
    }

    /// A value out of `/proc/ID/status`, in kB, such as `VmRSS`.
    pub(crate) fn memory_kb(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal by its name to a process that a test started, or to one that this one started.
pub(crate) fn signal(id: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &id.to_string()]).status().unwrap();
    assert!(status.success(), "cannot send {name}");
}

/// Whether a process lives; one that has ended and was not waited for does not.
pub(crate) fn lives(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
    stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
}

/// Runs a command to its end with `input` on standard input.
pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}
