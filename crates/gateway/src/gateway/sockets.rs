//! The sockets of all workers, bound before anything runs, or taken over from a process that this
//! one replaces.
//!
//! A socket that is closed resets the connections that wait in its queue. So the sockets of the
//! replaced process are not bound anew but shared, and all of them: where there are fewer workers
//! than before, a worker accepts from several.
//!
//! For the same reason a process that replaces another one listens on sockets of its own only when
//! it begins: had it listened and then failed, what the kernel had given them would be reset.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::BindError;
use crate::config::Listener;

/// How many connections may wait to be accepted, per worker.
const BACKLOG: i32 = 1024;

/// A socket on which connections come, and for which listener of the configuration.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) socket: TcpListener,
    pub(crate) listener: usize,
}

/// The sockets of one listener of the process that is replaced.
#[derive(Debug)]
pub struct Inherited {
    /// The address as its configuration had it, perhaps with port 0.
    pub address: SocketAddr,
    /// One or more, which listen already.
    pub sockets: Vec<TcpListener>,
}

/// Each worker has its own socket for each address; the kernel spreads connections.
pub(super) fn bind_all(
    listeners: &[Listener],
    mut inherited: Vec<Inherited>,
    workers: usize,
) -> Result<(Vec<SocketAddr>, Vec<Vec<Door>>), BindError> {
    let replaces = !inherited.is_empty();
    let mut addresses = Vec::new();
    let mut doors: Vec<Vec<Door>> = Vec::new();
    doors.resize_with(workers, Vec::new);
    for (listener, Listener { address: wanted, .. }) in listeners.iter().enumerate() {
        let failed = |source| BindError::Listen { address: *wanted, source };
        let known = inherited.iter().position(|known| known.is_at(*wanted));
        let mut sockets = known.map_or_else(Vec::new, |known| inherited.remove(known).sockets);
        let address = match sockets.first() {
            Some(socket) => socket.local_addr().map_err(failed)?,
            None => probe(*wanted).map_err(failed)?,
        };
        addresses.push(address);
        for _ in sockets.len()..workers {
            let socket = bind(address).map_err(failed)?;
            if !replaces {
                // At once: only a socket that listens keeps a second gateway out (`probe`).
                SockRef::from(&socket).listen(BACKLOG).map_err(failed)?;
            }
            sockets.push(socket);
        }
        // Surplus ones too: connections come on them as well.
        for (number, socket) in sockets.into_iter().enumerate() {
            if let Some(set) = doors.get_mut(number % workers) {
                set.push(Door { socket, listener });
            }
        }
    }
    for gone in inherited {
        tracing::info!(address = %gone.address, "listens no more: the configuration has no such listener");
    }
    Ok((addresses, doors))
}

/// Listens on all sockets; one that listens already goes on.
pub(super) fn listen(listeners: &[Listener], doors: &[Vec<Door>]) -> Result<(), BindError> {
    for door in doors.iter().flatten() {
        let listening = SockRef::from(&door.socket).listen(BACKLOG);
        let address = listeners.get(door.listener).map(|listener| listener.address);
        if let (Err(source), Some(address)) = (listening, address) {
            return Err(BindError::Listen { address, source });
        }
    }
    Ok(())
}

/// Further descriptors of all sockets, by listener.
pub(super) fn share(listeners: &[Listener], doors: &[Vec<Door>]) -> io::Result<Vec<Inherited>> {
    let of = |listener: usize| {
        let doors = doors.iter().flatten().filter(move |door| door.listener == listener);
        doors.map(|door| door.socket.try_clone()).collect::<io::Result<Vec<_>>>()
    };
    let listeners = listeners.iter().enumerate();
    listeners
        .map(|(number, listener)| Ok(Inherited { address: listener.address, sockets: of(number)? }))
        .collect()
}

impl Inherited {
    /// Whether a listener of the new configuration is the same: by what was written, or by where
    /// it came to listen.
    fn is_at(&self, wanted: SocketAddr) -> bool {
        let bound = || self.sockets.first()?.local_addr().ok();
        self.address == wanted || bound() == Some(wanted)
    }
}

/// Finds out which port it is, and that nobody else has it: with shared ports alone, a second
/// gateway would silently take half of the connections of the first.
fn probe(wanted: SocketAddr) -> io::Result<SocketAddr> {
    let socket = Socket::new(Domain::for_address(wanted), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&wanted.into())?;
    socket.local_addr()?.as_socket().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
