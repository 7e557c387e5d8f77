//! What bytes of a test go through: TCP, or TLS over it.

use std::io::{Read, Result, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, StreamOwned};

/// An open connection.
pub(crate) enum Socket {
    Plain(TcpStream),
    Client(Box<StreamOwned<ClientConnection, TcpStream>>),
    Server(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Socket {
    /// Shakes hands with a server of that name.
    pub(crate) fn client(
        mut stream: TcpStream,
        name: &str,
        config: Arc<ClientConfig>,
    ) -> Result<Self> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let mut connection = ClientConnection::new(config, name).unwrap();
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(Self::Client(Box::new(StreamOwned::new(connection, stream))))
    }

    /// Shakes hands with a client as soon as something is read or written.
    pub(crate) fn server(stream: TcpStream, config: Arc<ServerConfig>) -> Self {
        let connection = ServerConnection::new(config).unwrap();
        Self::Server(Box::new(StreamOwned::new(connection, stream)))
    }

    /// The stream below.
    pub(crate) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Client(stream) => &stream.sock,
            Self::Server(stream) => &stream.sock,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(out),
            Self::Client(stream) => stream.read(out),
            Self::Server(stream) => stream.read(out),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Client(stream) => stream.write(bytes),
            Self::Server(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Client(stream) => stream.flush(),
            Self::Server(stream) => stream.flush(),
        }
    }
}
