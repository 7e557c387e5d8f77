//! Which addresses the demo takes: on this machine only, and free.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpSocket;

/// An address that nobody else gets, and nobody listens on, while this lives.
///
/// The port stands in the configuration, in links and in tokens before the gateway binds it, so it
/// has to be known by then. The gateway can bind it beside this one, which never listens.
#[derive(Debug)]
pub(super) struct Reserved {
    address: SocketAddr,
    _socket: TcpSocket,
}

/// Why an address cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddressError {
    /// Everybody knows the demo's passwords.
    #[error("the demo does not listen on `{0}`: its passwords are known to everybody")]
    NotLoopback(IpAddr),
    /// In use, most likely.
    #[error("cannot listen on {address}")]
    Taken {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Reserved {
    /// Reserves an address; port 0 stands for any free one.
    pub(super) fn new(ip: IpAddr, port: u16) -> Result<Self, AddressError> {
        if !ip.is_loopback() {
            return Err(AddressError::NotLoopback(ip));
        }
        let wanted = SocketAddr::new(ip, port);
        let taken = |source| AddressError::Taken { address: wanted, source };
        let socket = bind(wanted).map_err(taken)?;
        let address = socket.local_addr().map_err(taken)?;
        Ok(Self { address, _socket: socket })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Without `SO_REUSEPORT`, which would let two demos of one person share a port.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

impl AddressError {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::NotLoopback(_) => Some("`--address 127.0.0.1` is the default".to_owned()),
            Self::Taken { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some("`--port N` takes another port, `--port 0` a free one".to_owned())
            }
            Self::Taken { .. } => None,
        }
    }
}
