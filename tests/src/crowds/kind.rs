//! The ways to be slow.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use socket2::{Domain, Socket as Raw, Type};

use crate::harness::http2::frames::{END_STREAM, PREFACE, SETTINGS, frame, headers};
use crate::harness::http2::request;
use crate::harness::settings::HOST;
use crate::harness::socket::Socket;

/// Where the answer is longer than anybody reads.
pub(super) const LARGE: &str = "/public/large";
/// The route to the service that speaks HTTP/2, which does not look at the path.
pub(super) const MANY: &str = "/many";
/// The receive buffer of a client, in bytes: what it does not read is not kept for it here.
const RECEIVE_BUFFER: usize = 4 * 1024;
/// The longest segment, in bytes: the system makes its buffers for it, and over loopback they would
/// otherwise be of megabytes.
const SEGMENT: u32 = 536;
/// The longest wait for an answer while there are thousands of others.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a client does, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Has had its answer and keeps the connection.
    Idle,
    /// The same over TLS.
    IdleTls,
    /// The same over HTTP/2.
    IdleHttp2,
    /// Sends its head byte by byte.
    Head,
    /// Sends its body byte by byte.
    Body,
    /// Does not read its answer.
    Unread,
    /// The same over TLS.
    UnreadTls,
    /// Never opens its window of HTTP/2.
    Window,
}

impl Kind {
    /// The most that one may cost the gateway, in bytes; measured is a fraction (docs/limits.md).
    pub(super) fn most(self) -> u64 {
        let kib = match self {
            Self::Idle | Self::Head => 64,
            Self::IdleTls | Self::IdleHttp2 => 96,
            Self::Body => 128,
            Self::Unread | Self::UnreadTls | Self::Window => 256,
        };
        kib * 1024
    }

    pub(super) fn is_over_tls(self) -> bool {
        matches!(self, Self::IdleTls | Self::UnreadTls)
    }

    /// Whether a byte now and then keeps it going.
    pub(super) fn dribbles(self) -> bool {
        matches!(self, Self::Head | Self::Body)
    }

    /// Whether its request stays with the service.
    pub(super) fn holds_a_service(self) -> bool {
        matches!(self, Self::Body | Self::Unread | Self::UnreadTls | Self::Window)
    }

    /// Whether it asks for more than it reads.
    pub(super) fn asks_for_much(self) -> bool {
        self.holds_a_service() && self != Self::Body
    }

    /// One such client, as far as it goes, on this path where it holds a service.
    pub(super) fn begin(
        self,
        to: SocketAddr,
        tls: &Arc<ClientConfig>,
        path: &str,
    ) -> io::Result<Socket> {
        let stream = connect(to)?;
        let mut socket = if self.is_over_tls() {
            Socket::client(stream, HOST, Arc::clone(tls))?
        } else {
            Socket::Plain(stream)
        };
        socket.write_all(&self.beginning(path))?;
        socket.flush()?;
        match self {
            Self::Idle | Self::IdleTls => read_until(&mut socket, b"{}")?,
            // The end of DATA on stream 1 (RFC 9113 section 6.1): the last byte of its head, `{}`.
            Self::IdleHttp2 => read_until(&mut socket, b"\x01{}")?,
            _ => {}
        }
        Ok(socket)
    }

    fn beginning(self, path: &str) -> Vec<u8> {
        let text = |text: &str| format!("{text}\r\nHost: {HOST}\r\n").into_bytes();
        let http2 = |window: &[u8], path: &str| {
            let (settings, get) = (frame(SETTINGS, 0, 0, window), request("GET", path));
            [PREFACE, &settings, &headers(1, END_STREAM, &get)].concat()
        };
        match self {
            Self::Idle | Self::IdleTls => {
                [text("GET /public/x HTTP/1.1"), b"\r\n".to_vec()].concat()
            }
            Self::IdleHttp2 => http2(b"", "/public/x"),
            Self::Head => [text("GET /public/x HTTP/1.1"), b"X: ".to_vec()].concat(),
            Self::Body => {
                let head = text(&format!("POST {path} HTTP/1.1"));
                [head, b"Content-Length: 1000000\r\n\r\nx".to_vec()].concat()
            }
            Self::Unread | Self::UnreadTls => {
                [text(&format!("GET {path} HTTP/1.1")), b"\r\n".to_vec()].concat()
            }
            // SETTINGS_INITIAL_WINDOW_SIZE is 4 (section 6.5.2).
            Self::Window => http2(&[0, 4, 0, 0, 0, 0], path),
        }
    }
}

fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let socket = Raw::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_tcp_mss(SEGMENT)?;
    socket.set_tcp_nodelay(true)?;
    socket.connect(&to.into())?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn read_until(from: &mut Socket, end: &[u8]) -> io::Result<()> {
    let mut seen = Vec::new();
    let mut bytes = [0; 1024];
    while !seen.windows(end.len()).any(|window| window == end) {
        let length = from.read(&mut bytes)?;
        assert_ne!(length, 0, "closed after {:?}", String::from_utf8_lossy(&seen));
        seen.extend(&bytes[..length]);
    }
    Ok(())
}
