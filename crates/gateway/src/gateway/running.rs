//! A gateway that runs, until it ends or another process goes on.

use std::io;
use std::net::TcpListener;
use std::thread;

use super::{Handle, Inherited};
use crate::access_log::AccessLogWriter;
use crate::drain::Accepted;

/// A gateway that runs.
pub struct Running {
    pub(super) handle: Handle,
    pub(super) log: AccessLogWriter,
    pub(super) workers: Vec<thread::JoinHandle<()>>,
    /// The sockets once more, to be handed to a process that replaces this one.
    pub(super) sockets: Vec<Inherited>,
    pub(super) accepted: Accepted,
}

impl Running {
    /// The listening sockets, to be handed to a process that replaces this one.
    pub fn share_sockets(&self) -> io::Result<Vec<Inherited>> {
        let share = |shared: &Inherited| {
            let sockets = shared.sockets.iter().map(TcpListener::try_clone);
            Ok(Inherited { address: shared.address, sockets: sockets.collect::<io::Result<_>>()? })
        };
        self.sockets.iter().map(share).collect()
    }

    /// Stops accepting, closes what is idle, waits for what is under way, at most as long as the
    /// limits say.
    pub async fn shutdown(self) {
        self.handle.drain.end();
        self.wait().await;
    }

    /// Stops accepting, as another process does on the same sockets by now; none is accepted any
    /// more when this returns. Nobody is hung up on: the next answer on a connection says that it
    /// is the last.
    pub async fn leave(&mut self) {
        self.handle.drain.leave();
        // Nothing is ever sent; the channel closes with its last sender.
        let _ = self.accepted.recv().await;
    }

    /// Waits for what is under way, at most as long as the limits say.
    pub async fn wait(self) {
        // Were they kept, connections would wait here for nobody.
        drop(self.sockets);
        let workers = self.workers;
        let joined = tokio::task::spawn_blocking(move || {
            for worker in workers {
                // A worker that panicked has nothing left to wait for.
                let _ = worker.join();
            }
        });
        let _ = joined.await;
        let log = self.log;
        let _ = tokio::task::spawn_blocking(move || log.finish()).await;
    }
}
