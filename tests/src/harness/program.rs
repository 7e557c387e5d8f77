//! A process that a test started, ended with the test whatever becomes of it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::lines::Lines;
use super::patience::eventually;

/// A variable that only what a test has started knows.
const MARK: &str = "TEST_FOLDER";

/// A running process and what it writes.
pub(crate) struct Program {
    child: Child,
    /// What the environment of all that it starts says; they are ended with it.
    mark: Option<String>,
    /// Standard output.
    pub(crate) stdout: Lines,
    /// Standard error.
    pub(crate) stderr: Lines,
}

impl Program {
    /// Starts it with both outputs kept and nothing to read.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::begin(command, None)
    }

    /// The same for one that starts others, which are ended with it; the folder is its own.
    pub(crate) fn leading(command: &mut Command, folder: &Path) -> Self {
        let mark = format!("{MARK}={}", folder.display());
        Self::begin(command.env(MARK, folder), Some(mark))
    }

    fn begin(command: &mut Command, mark: Option<String>) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = Lines::of(child.stdout.take().unwrap());
        let stderr = Lines::of(child.stderr.take().unwrap());
        Self { child, mark, stdout, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: it gets no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let Some(mark) = &self.mark else { return };
        // Until there are none: one of them may just have started another one.
        while let marked @ [_, ..] = &marked(mark)[..] {
            for id in marked {
                let _ = Command::new("kill").args(["-s", "KILL", id]).output();
            }
        }
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

/// The processes that live with this line in their environment.
fn marked(line: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let is_marked = |environment: &[u8]| {
        environment.split(|byte| *byte == 0).any(|variable| variable == line.as_bytes())
    };
    let marked = processes.filter(|process| {
        std::fs::read(process.path().join("environ")).is_ok_and(|read| is_marked(&read))
    });
    marked.filter_map(|process| process.file_name().into_string().ok()).collect()
}
