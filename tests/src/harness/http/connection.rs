//! A client's connection: bytes out, responses in.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};

use super::super::patience::PATIENCE;
use super::super::socket::Socket;
use super::wire::{self, Unframed};
use super::{Message, Request, Response};

/// One connection to the gateway.
pub(crate) struct Connection {
    stream: BufReader<Socket>,
}

impl Connection {
    #[track_caller]
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self::open(address).unwrap()
    }

    /// The same where nobody may be there.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self::over(Socket::Plain(stream)))
    }

    /// The same from an address of this machine, such as any of 127.0.0.0/8.
    pub(crate) fn from(source: Ipv4Addr, address: SocketAddr) -> io::Result<Self> {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((source, 0)).into())?;
        socket.connect(&address.into())?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self::over(Socket::Plain(stream)))
    }

    /// The same over whatever was made of the stream.
    pub(crate) fn over(socket: Socket) -> Self {
        Self { stream: BufReader::new(socket) }
    }

    /// Sends a request and reads the answer.
    #[track_caller]
    pub(crate) fn exchange(&mut self, request: &Request) -> Response {
        self.try_exchange(request).unwrap_or_else(|error| panic!("{error}: {request:?}"))
    }

    /// The same where the connection may break.
    pub(crate) fn try_exchange(&mut self, request: &Request) -> io::Result<Response> {
        self.try_send(&request.to_bytes())?;
        self.try_response(&request.method)
    }

    #[track_caller]
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    /// Reads the final answer to a request; interim ones are passed over.
    #[track_caller]
    pub(crate) fn response(&mut self) -> Response {
        self.try_response("GET").unwrap()
    }

    pub(crate) fn try_response(&mut self, method: &str) -> io::Result<Response> {
        loop {
            let mut response = self.head()?;
            if matches!(response.status, 102..200 | 100) {
                continue;
            }
            let has_body = method != "HEAD" && !matches!(response.status, 101 | 204 | 304);
            if has_body {
                let message = &mut response.message;
                wire::read_body(&mut self.stream, message, Unframed::UntilClose)?;
            }
            return Ok(response);
        }
    }

    /// Reads only the next head, an interim one or that of a body still to come.
    pub(crate) fn head(&mut self) -> io::Result<Response> {
        let head: Option<Message> = wire::read_head(&mut self.stream)?;
        head.map(Response::of).ok_or_else(|| io::ErrorKind::ConnectionAborted.into())
    }

    /// Reads exactly so many bytes, whatever they mean.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Reads a line with its line break, whatever it means.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line
    }

    /// The same where the connection may end: what there is of the line.
    pub(crate) fn try_line(&mut self) -> String {
        let mut line = String::new();
        // A reset is an end as well.
        let _ = self.stream.read_line(&mut line);
        line
    }

    /// Whatever still comes until the other side closes; a reset counts as closing.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                panic!("not closed: {error}, after {:?}", String::from_utf8_lossy(&rest))
            }
            _ => rest,
        }
    }

    /// Says that nothing more comes, and reads whatever the other side still says to that.
    pub(crate) fn hang_up(&mut self) -> Vec<u8> {
        // It may be closed already.
        let _ = self.stream.get_ref().tcp().shutdown(Shutdown::Write);
        self.rest()
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        self.stream.get_ref().tcp()
    }

    /// What the TLS handshake came to.
    pub(crate) fn tls(&self) -> &rustls::ClientConnection {
        match self.stream.get_ref() {
            Socket::Client(stream) => &stream.conn,
            _ => panic!("no TLS"),
        }
    }
}

/// One request on a connection of its own.
#[track_caller]
pub(crate) fn exchange(address: SocketAddr, request: &Request) -> Response {
    Connection::to(address).exchange(request)
}
