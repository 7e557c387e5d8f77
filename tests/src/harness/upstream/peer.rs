//! One connection from the gateway, as the service sees it.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::sync::Arc;

use super::super::http::wire::{self, Unframed};
use super::super::patience::PATIENCE;
use super::super::socket::Socket;
use super::{Log, Received};

/// The service's end of a connection.
pub(crate) struct Peer {
    stream: BufReader<Socket>,
    log: Arc<Log>,
}

impl Peer {
    pub(super) fn new(stream: Socket, log: Arc<Log>) -> Self {
        stream.tcp().set_nodelay(true).unwrap();
        stream.tcp().set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream: BufReader::new(stream), log }
    }

    /// The next request with its body; `None` when the gateway closed the connection.
    pub(crate) fn request(&mut self) -> Option<Received> {
        let mut request = self.head()?;
        if request.message.headers.has("expect") {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        self.body(&mut request).then_some(request)
    }

    /// Only the head of the next request; it counts as received from then on.
    pub(crate) fn head(&mut self) -> Option<Received> {
        let message = wire::read_head(&mut self.stream).ok().flatten()?;
        let mut seen = self.log.state.lock();
        let request = Received { message, number: seen.hits };
        seen.hits += 1;
        if !self.log.is_forgetful {
            seen.requests.push(request.clone());
        }
        self.log.changed.notify_all();
        Some(request)
    }

    /// Reads the body that belongs to the head; `false` when it breaks off.
    pub(crate) fn body(&mut self, request: &mut Received) -> bool {
        let read = wire::read_body(&mut self.stream, &mut request.message, Unframed::Empty);
        let mut seen = self.log.state.lock();
        if !self.log.is_forgetful {
            seen.requests[request.number] = request.clone();
        }
        self.log.changed.notify_all();
        read.is_ok()
    }

    /// Writes as it is; what nobody reads any more is lost.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    }

    /// Reads some bytes, whatever they mean; nothing when the gateway closed the connection.
    pub(crate) fn some_bytes(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; 64 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(length) => bytes.truncate(length),
            Err(error) if error.kind() == ErrorKind::Interrupted => return self.some_bytes(),
            Err(_) => bytes.clear(),
        }
        bytes
    }

    /// Sends everything back until the gateway closes the connection.
    pub(crate) fn echo(&mut self) {
        loop {
            let bytes = self.some_bytes();
            if bytes.is_empty() {
                return;
            }
            self.write(&bytes);
        }
    }

    /// Reads exactly so many bytes; `None` when the gateway closes before.
    pub(crate) fn exactly(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).is_ok().then_some(bytes)
    }

    /// Waits until the gateway closes the connection, however it does so.
    pub(crate) fn wait_until_closed(&mut self) {
        while !self.some_bytes().is_empty() {}
    }

    /// The socket with what was made of it.
    pub(crate) fn socket(&self) -> &Socket {
        self.stream.get_ref()
    }

    /// Closes with a reset instead of an orderly end.
    pub(crate) fn reset(&self) {
        let socket = socket2::SockRef::from(self.stream.get_ref().tcp());
        socket.set_linger(Some(std::time::Duration::ZERO)).unwrap();
    }
}
