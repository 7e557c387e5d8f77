//! The example services as processes of their own: started, waited for, ended with the demo.
//!
//! 1. A service counts as started when it has told its address.
//! 2. It is killed when the demo lets go of it, and ends by itself when the demo is gone: its
//!    standard input is then closed.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;

use super::service::Kind;

/// The longest wait for a service's address.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest line that a service may tell its address in, in bytes.
const MAX_LINE_BYTES: u64 = 128;

/// All of them, running.
#[derive(Debug)]
pub(super) struct ExampleServices {
    running: Vec<Running>,
    ended: mpsc::Receiver<&'static str>,
}

#[derive(Debug)]
struct Running {
    kind: Kind,
    address: SocketAddr,
    _process: Process,
}

/// A process that does not outlive this value.
#[derive(Debug)]
struct Process(Child);

/// Why an example service does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("cannot start the example service `{service}`")]
    Spawn { service: &'static str, source: io::Error },
    #[error("the example service `{service}` did not tell its address")]
    NoAddress { service: &'static str },
}

impl ExampleServices {
    /// Starts all and waits until each of them listens.
    pub(super) fn start(issuer: &str) -> Result<Self, StartError> {
        // Every service ends once.
        let (end, ended) = mpsc::channel(Kind::ALL.len());
        let mut starting = Vec::new();
        for kind in Kind::ALL {
            starting.push(Starting::new(kind, issuer, end.clone())?);
        }
        let running: Result<_, _> = starting.into_iter().map(Starting::finish).collect();
        Ok(Self { running: running?, ended })
    }

    /// Where each of them listens.
    pub(super) fn targets(&self) -> impl Iterator<Item = (Kind, SocketAddr)> {
        self.running.iter().map(|service| (service.kind, service.address))
    }

    /// Waits until one of them ends; its name.
    pub(super) async fn first_to_end(&mut self) -> &'static str {
        // A channel without senders means that all have ended.
        self.ended.recv().await.unwrap_or("all")
    }
}

/// A process that has not told its address yet.
struct Starting {
    kind: Kind,
    process: Process,
    address: std::sync::mpsc::Receiver<String>,
}

impl Starting {
    fn new(kind: Kind, issuer: &str, end: mpsc::Sender<&'static str>) -> Result<Self, StartError> {
        let service = kind.name();
        let failed = |source| StartError::Spawn { service, source };
        let program = std::env::current_exe().map_err(failed)?;
        let mut child = Command::new(program)
            .args(["demo-service", service, "--issuer", issuer, "--audience", service])
            // Ctrl-C is for the demo, which lets requests under way finish first.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let stdout = child.stdout.take();
        let process = Process(child);
        let (tell, address) = std::sync::mpsc::sync_channel(1);
        let listen = move || {
            if let Some(stdout) = stdout {
                listen_to(stdout, &tell);
            }
            // Nobody minds at the end of the demo.
            let _ = end.try_send(service);
        };
        thread::Builder::new().name(service.to_owned()).spawn(listen).map_err(failed)?;
        Ok(Self { kind, process, address })
    }

    fn finish(self) -> Result<Running, StartError> {
        let line = self.address.recv_timeout(START_TIMEOUT);
        let address = line.ok().and_then(|line| line.trim().parse().ok());
        let no_address = StartError::NoAddress { service: self.kind.name() };
        let address = address.ok_or(no_address)?;
        Ok(Running { kind: self.kind, address, _process: self.process })
    }
}

/// Tells the first line, then reads on until the process ends.
fn listen_to(stdout: ChildStdout, tell: &std::sync::mpsc::SyncSender<String>) {
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    if (&mut stdout).take(MAX_LINE_BYTES).read_line(&mut line).is_ok() {
        let _ = tell.try_send(line);
    }
    let _ = io::copy(&mut stdout, &mut io::sink());
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; either way it is waited for, so that nothing of it is left.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
