//! A process that was started and does not serve yet, and how it is ended where nothing comes of it.
//!
//! 1. What was started may be a script around the server. It gets a process group of its own, and
//!    the group is ended, not only its first process.
//! 2. Once the server may serve it may have accepted connections: it is asked to end, and drains.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::Duration;

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};
use tokio::time::sleep;

use super::NO;

/// How often it is looked whether one that fails has ended, and how many times.
const LOOK_EVERY: Duration = Duration::from_millis(10);
const LOOKS: usize = 100;

/// See the module; dropped, it is ended.
pub(super) struct Starting {
    child: Option<Child>,
    /// Told no before the other ends of the pair close.
    way: UnixStream,
    /// The server, once it may serve.
    server: Option<Pid>,
}

impl Starting {
    /// Starts it; `way` leads to its standard input. The other end of it, which the command has,
    /// is closed here: were it not, the end of the new process would tell nobody.
    pub(super) fn spawn(mut command: Command, way: UnixStream) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        Ok(Self { child: Some(child), way, server: None })
    }

    /// The number of the process that was started.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// From now on the server may serve; this is its number.
    pub(super) fn may_serve(&mut self, id: u32) {
        self.server = i32::try_from(id).ok().and_then(Pid::from_raw);
    }

    /// It serves, and ends as it likes.
    pub(super) fn succeed(mut self) {
        self.child = None;
    }

    /// How it has ended, if that is by itself and soon; ends what is left of its group.
    pub(super) async fn ended(mut self) -> Option<ExitStatus> {
        for _ in 0..LOOKS {
            if self.has_ended() {
                let mut child = self.child.take()?;
                end_group(&child);
                return child.wait().ok();
            }
            sleep(LOOK_EVERY).await;
        }
        None
    }

    /// It is not waited for yet, so that its number stays its own.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let child = self.child.as_ref().map(|child| WaitId::Pid(Pid::from_child(child)));
        child.is_some_and(|child| matches!(waitid(child, options), Ok(Some(_))))
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        if let Some(server) = self.server {
            // It may have ended by itself already.
            let _ = kill_process(server, Signal::TERM);
            // Nobody waits for it to drain, except that what has ended is not left behind.
            thread::spawn(move || child.wait());
            return;
        }
        // One byte finds room, unless the parcel was never read: that process never asked.
        let _ = self.way.set_nonblocking(true);
        let _ = self.way.write_all(&[NO]);
        end_group(&child);
        let _ = child.wait();
    }
}

fn end_group(child: &Child) {
    // It may be empty already.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use super::*;

    /// Says that it runs by making a file, and that it was asked to end by removing it.
    const SCRIPT: &str = "trap 'rm \"$0\"; exit' TERM; : >\"$0\"; while :; do sleep 0.01; done";

    fn start(file: &Path) -> Starting {
        let (own, theirs) = UnixStream::pair().unwrap();
        let mut command = Command::new("sh");
        command.arg("-c").arg(SCRIPT).arg(file).stdin(OwnedFd::from(theirs));
        let starting = Starting::spawn(command, own).unwrap();
        look_for(|| file.exists());
        starting
    }

    #[track_caller]
    fn look_for(condition: impl Fn() -> bool) {
        for _ in 0..1000 {
            if condition() {
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("in vain");
    }

    #[test]
    fn one_that_may_serve_is_asked_to_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runs");
        let mut starting = start(&file);
        starting.may_serve(starting.id().unwrap());
        drop(starting);
        look_for(|| !file.exists());
    }

    #[test]
    fn one_that_may_not_is_not_asked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runs");
        let starting = start(&file);
        let process = format!("/proc/{}", starting.id().unwrap());
        drop(starting);
        assert!(!Path::new(&process).exists());
        assert!(file.exists());
    }
}
