//! The program under test: started, killed, started again on the same data, and asked through its
//! command line.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use super::lines::Lines;
use super::program::{self, Program};
use super::surroundings;

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "open sesame, please";

/// How much of its log is shown when a test has failed.
const LAST_LINES: usize = 20;

/// A gateway with its configuration and data.
pub(crate) struct Symbolon {
    folder: TempDir,
    program: Option<Program>,
    /// Whether it is started from its own folder, where another binary can be put.
    is_replaceable: bool,
    /// Where it listens now.
    pub(crate) address: SocketAddr,
    /// Where health and metrics are now.
    pub(crate) admin: SocketAddr,
}

impl Symbolon {
    /// Starts it with a configuration; `FOLDER` in it is replaced by its own folder.
    pub(crate) fn start(yaml: &str) -> Self {
        let mut symbolon = Self::new(yaml, false);
        symbolon.start_again();
        symbolon
    }

    /// The same with so many descriptors.
    pub(crate) fn with_descriptors(yaml: &str, descriptors: u32) -> Self {
        let mut symbolon = Self::new(yaml, false);
        let mut command = Command::new("sh");
        let then = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
        command.arg("-c").arg(then).arg(surroundings::symbolon());
        symbolon.run_as(Program::start(command.arg("serve").arg("-c").arg(symbolon.config())));
        symbolon
    }

    /// The same for one that is to be replaced while it serves (`replacement`).
    pub(crate) fn replaceable(yaml: &str) -> Self {
        let mut symbolon = Self::new(yaml, true);
        symbolon.put_binary();
        symbolon.start_again();
        symbolon
    }

    fn new(yaml: &str, is_replaceable: bool) -> Self {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let (folder, program) = (TempDir::new().unwrap(), None);
        let symbolon = Self { folder, program, is_replaceable, address: nowhere, admin: nowhere };
        symbolon.write_config(yaml);
        symbolon
    }

    /// Starts it on the data that are there.
    pub(crate) fn start_again(&mut self) {
        assert!(self.program.is_none(), "it runs already");
        let program = if self.is_replaceable {
            let mut command = Command::new(self.binary());
            command.arg("serve").arg("-c").arg(self.config());
            Program::leading(&mut command, self.folder())
        } else {
            let mut command = Command::new(surroundings::symbolon());
            Program::start(command.arg("serve").arg("-c").arg(self.config()))
        };
        self.run_as(program);
    }

    fn run_as(&mut self, program: Program) {
        let address =
            |listener| program.stderr.wait_for("`listening`", |line| listening(line, listener));
        (self.address, self.admin) = (address("public"), address("admin"));
        self.program = Some(program);
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.program.take().unwrap().kill();
    }

    /// SIGTERM, and waits for the end.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.program().signal("TERM");
        self.program.take().unwrap().wait()
    }

    /// Waits for the end that it was told of.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.program.take().unwrap().wait()
    }

    pub(crate) fn program(&self) -> &Program {
        self.program.as_ref().unwrap()
    }

    /// What it says of itself.
    pub(crate) fn log(&self) -> &Lines {
        &self.program().stderr
    }

    /// One JSON object for each request.
    pub(crate) fn access_log(&self) -> &Lines {
        &self.program().stdout
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder().join("symbolon.yaml")
    }

    pub(crate) fn write_config(&self, yaml: &str) {
        let text = yaml.replace("FOLDER", self.folder().to_str().unwrap());
        let new = self.folder().join("new.yaml");
        fs::write(&new, text).unwrap();
        // Renamed, so that a reload never sees half of it.
        fs::rename(new, self.config()).unwrap();
    }

    /// What `config check` has to say against a configuration; nothing where it is good.
    pub(crate) fn judge(yaml: &str) -> String {
        let output = Self::new(yaml, false).command(&["config", "check"], "");
        let told = String::from_utf8(output.stderr).unwrap();
        if output.status.success() { String::new() } else { told }
    }

    /// Runs a command of the command line on this configuration.
    pub(crate) fn command(&self, words: &[&str], input: &str) -> Output {
        let mut command = Command::new(surroundings::symbolon());
        program::run(command.args(words).arg("-c").arg(self.config()), input)
    }

    /// The same for a command that has to work; what it prints.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> String {
        self.run_with(words, "")
    }

    /// The same with something on standard input.
    #[track_caller]
    pub(crate) fn run_with(&self, words: &[&str], input: &str) -> String {
        let output = self.command(words, input);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same for a command that lists.
    #[track_caller]
    pub(crate) fn list(&self, words: &[&str]) -> Vec<Value> {
        let words = [words, &["--json"]].concat();
        serde_json::from_str(&self.run(&words)).unwrap()
    }

    /// A new API key; it belongs to nobody before a configuration names it.
    pub(crate) fn new_key() -> String {
        let mut command = Command::new(surroundings::symbolon());
        let output = program::run(command.args(["client", "new-key"]), "");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Makes an account with [`PASSWORD`].
    #[track_caller]
    pub(crate) fn add_user(&self, name: &str, roles: &[&str]) {
        let mut words = vec!["user", "add", name, "--password-stdin"];
        words.extend(roles.iter().flat_map(|role| ["--role", role]));
        self.run_with(&words, PASSWORD);
    }
}

/// A panic in a worker is a mistake, whatever the client was told.
impl Drop for Symbolon {
    fn drop(&mut self) {
        let Some(program) = &self.program else { return };
        let log = program.stderr.all();
        if thread::panicking() {
            let last = log.len().saturating_sub(LAST_LINES);
            return println!("the last lines of the log:\n{}", log[last..].join("\n"));
        }
        assert!(!log.iter().any(|line| line.contains("panicked at")), "{}", log.join("\n"));
    }
}

/// The address in the line that says where a listener listens.
fn listening(line: &str, listener: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    let is_it = line["message"] == "listening" && line["listener"] == listener;
    is_it.then(|| line["address"].as_str()?.parse().ok()).flatten()
}
