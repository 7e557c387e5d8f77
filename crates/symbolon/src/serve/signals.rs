//! What the operating system tells the process.

use std::io;

use tokio::signal::unix::{self, SignalKind};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR2: hand over to the binary that lies there now.
    Upgrade,
    /// SIGTERM or SIGINT: come to an end.
    End,
}

/// The signals that are listened for; none is lost between two calls of [`Self::next`].
#[derive(Debug)]
pub(super) struct Signals {
    hang_up: unix::Signal,
    user: unix::Signal,
    terminate: unix::Signal,
    interrupt: unix::Signal,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            hang_up: unix::signal(SignalKind::hangup())?,
            user: unix::signal(SignalKind::user_defined2())?,
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
        })
    }

    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hang_up.recv() => Signal::Reload,
            _ = self.user.recv() => Signal::Upgrade,
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
        }
    }

    /// Waits for the next request to end.
    pub(super) async fn end(&mut self) {
        while self.next().await != Signal::End {}
    }
}
