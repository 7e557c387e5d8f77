//! What a service manager is told (`sd_notify(3)`): lines in a datagram to the socket that
//! `NOTIFY_SOCKET` names. Nobody waits for it, and where there is none nothing happens.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::config::environment;

const VARIABLE: &str = "NOTIFY_SOCKET";

/// Requests are welcome.
pub(super) fn ready() {
    tell("READY=1");
}

/// The system comes to an end.
pub(super) fn stopping() {
    tell("STOPPING=1");
}

/// Another process is the service from now on. To be told by the one that was, whose word counts.
pub(super) fn replaced_by(id: u32) {
    tell(&format!("MAINPID={id}\nREADY=1"));
}

fn tell(state: &str) {
    let Some(socket) = environment(VARIABLE).filter(|socket| !socket.is_empty()) else { return };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

fn send(socket: &str, state: &str) -> io::Result<()> {
    let address = match socket.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let datagram = UnixDatagram::unbound()?;
    // A manager that does not read must not hold up the service.
    datagram.set_nonblocking(true)?;
    datagram.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_a_path_or_a_name_without_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("symbolon-{}", std::process::id());
        let by_name = SocketAddr::from_abstract_name(&name).unwrap();
        for (address, socket) in [
            (SocketAddr::from_pathname(&path).unwrap(), path.to_str().unwrap().to_owned()),
            (by_name, format!("@{name}")),
        ] {
            let manager = UnixDatagram::bind_addr(&address).unwrap();
            send(&socket, "READY=1").unwrap();
            let mut said = [0; 64];
            let length = manager.recv(&mut said).unwrap();
            assert_eq!(&said[..length], b"READY=1");
        }
    }
}
