//! The sockets of all workers, bound before anything runs.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use super::BindError;
use crate::config::Listener;

/// How many connections may wait to be accepted, per worker.
const BACKLOG: i32 = 1024;

/// Each worker has its own socket for each address; the kernel spreads connections.
pub(super) fn bind_all(
    listeners: &[Listener],
    workers: usize,
) -> Result<(Vec<SocketAddr>, Vec<Vec<TcpListener>>), BindError> {
    let mut addresses = Vec::new();
    let mut sockets: Vec<Vec<TcpListener>> = Vec::new();
    sockets.resize_with(workers, Vec::new);
    for Listener { address: wanted, .. } in listeners {
        let failed = |source| BindError::Listen { address: *wanted, source };
        let address = probe(*wanted).map_err(failed)?;
        addresses.push(address);
        for set in &mut sockets {
            set.push(bind(address).map_err(failed)?);
        }
    }
    Ok((addresses, sockets))
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
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
