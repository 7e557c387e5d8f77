//! The control socket: commands from the same machine and the same user.
//!
//! 1. The socket belongs to its owner (mode 0600), and whoever connects must be that user or
//!    root: the mode alone would leave a moment between making the socket and closing it off.
//! 2. One command for each connection, bounded in size and time.
//! 3. Several at once: one that is slow to come, or slow to answer, holds up no urgent one.

use std::fs::{self, Permissions};
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use symbolon_core::audit::Actor;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::wire::{self, Answer, MAX_COMMAND_BYTES};
use super::{Command, execute_as};
use crate::error_chain::chain;
use crate::services::Services;

/// The longest wait for a whole command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// The most commands at once; others wait to be accepted.
const MAX_COMMANDS: usize = 16;
/// How long accepting pauses after it failed, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound control socket; its file is removed when this is dropped, unless another process answers
/// on it by then.
#[derive(Debug)]
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
    /// Whether another process answers on it.
    left: watch::Receiver<bool>,
}

impl ControlSocket {
    /// Makes the socket. A file that is there was left behind by a server that is gone: the
    /// caller holds the store.
    pub(crate) fn bind(path: &Path, left: watch::Receiver<bool>) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self { listener, path: path.to_owned(), owner: fs::metadata(path)?.uid(), left })
    }

    /// Takes over the socket of a process that this one replaces, if that is where the path leads.
    /// Not before this process may serve: the file would go with it.
    pub(crate) fn inherit(
        path: &Path,
        listener: std::os::unix::net::UnixListener,
        left: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let same = listener.local_addr()?.as_pathname() == Some(path);
        // Whoever holds the store makes this file, so a socket there is the one.
        if !same || !fs::metadata(path).is_ok_and(|file| file.file_type().is_socket()) {
            return Self::bind(path, left);
        }
        listener.set_nonblocking(true)?;
        let listener = UnixListener::from_std(listener)?;
        Ok(Self { listener, path: path.to_owned(), owner: fs::metadata(path)?.uid(), left })
    }

    /// Another descriptor of it.
    pub(crate) fn share(&self) -> io::Result<std::os::unix::net::UnixListener> {
        Ok(self.listener.as_fd().try_clone_to_owned()?.into())
    }

    /// Carries out commands until the future is dropped, or another process does.
    pub(crate) async fn run(self, services: Services) {
        let mut left = self.left.clone();
        let mut commands = FuturesUnordered::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept(), if commands.len() < MAX_COMMANDS => accepted,
                Some(()) = commands.next() => continue,
                _ = left.wait_for(|left| *left) => break,
            };
            match accepted {
                Ok((stream, _)) => commands.push(self.serve(stream, &services)),
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "control socket cannot accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        // What was begun is answered.
        while commands.next().await.is_some() {}
    }

    async fn serve(&self, mut stream: UnixStream, services: &Services) {
        let Some(user) = self.allowed(&stream) else {
            tracing::warn!("a command of another user was refused");
            return;
        };
        let read = wire::read::<Command>(&mut stream, MAX_COMMAND_BYTES);
        let answer = match timeout(COMMAND_TIMEOUT, read).await {
            Ok(Ok(command)) => match execute_as(services, Actor::Operator(user), command).await {
                Ok(reply) => Answer::Reply(reply),
                Err(error) => Answer::Refused(chain(&error)),
            },
            Ok(Err(_)) => Answer::Refused("not a command of this version".to_owned()),
            Err(_) => return,
        };
        let written = timeout(COMMAND_TIMEOUT, wire::write(&mut stream, &answer)).await;
        if !matches!(written, Ok(Ok(()))) {
            tracing::debug!("whoever sent a command did not wait for the answer");
        }
    }

    /// The user on the other side, if it is one that may give commands.
    fn allowed(&self, stream: &UnixStream) -> Option<u32> {
        let root = 0;
        let peer = stream.peer_cred().map(|peer| peer.uid()).ok()?;
        (peer == self.owner || peer == root).then_some(peer)
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // Asked here, and not only between two commands: one of them may be under way.
        if !*self.left.borrow() {
            // The store is still held, so this is our own file; if it is gone, so much the better.
            let _ = fs::remove_file(&self.path);
        }
    }
}
