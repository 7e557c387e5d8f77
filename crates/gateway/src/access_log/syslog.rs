//! Lines to a log service: RFC 5424 messages as datagrams (RFC 5426) or over TCP (RFC 6587).
//!
//! 1. While the service is away, a batch waits for it up to [`HOLD`], and further batches in the
//!    queue behind it; after that each is lost at once, until the service is found again.
//! 2. No wait is without an end: connecting and each write take at most [`PATIENCE`].
//! 3. TCP acknowledges nothing to us: what was on its way when a connection broke may be lost
//!    uncounted. What was not written whole is sent again.

mod envelope;

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use tokio::time::Instant;

use super::lines::Envelope;
use super::loss::Loss;
use crate::config::access_log::SyslogAddress;

pub(super) use envelope::of as envelope;

/// The longest wait for a connection, or for a write.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long lines are kept for a service that is away.
const HOLD: Duration = Duration::from_secs(5);
/// The wait before the service is looked for again.
const RETRY: Duration = Duration::from_millis(100);

/// The way to a log service.
#[derive(Debug)]
pub(super) struct LogService {
    address: SyslogAddress,
    open: Option<Wire>,
    shortening: Option<Shortening>,
    /// Since when it is away, and when it was looked for last.
    away: Option<Away>,
}

/// What is told in the place of a line that is too long for a datagram.
#[derive(Clone, Debug)]
struct Shortening {
    envelope: Arc<Envelope>,
    shorten: fn(&str) -> String,
}

#[derive(Clone, Copy, Debug)]
struct Away {
    since: Instant,
    asked: Instant,
}

#[derive(Debug)]
enum Wire {
    Unix(UnixDatagram),
    Udp(UdpSocket),
    Tcp(TcpStream),
}

impl Away {
    /// Whether it was looked for in vain for long enough, and only just.
    fn is_given_up(&self) -> bool {
        self.asked.duration_since(self.since) >= HOLD && self.asked.elapsed() < PATIENCE
    }
}

impl LogService {
    /// Nothing is opened before there is something to say.
    pub(super) fn new(address: SyslogAddress) -> Self {
        Self { address, open: None, shortening: None, away: None }
    }

    /// What does not fit into a datagram is told shortly; otherwise it is lost.
    pub(super) fn shorten_by(&mut self, envelope: Arc<Envelope>, shorten: fn(&str) -> String) {
        self.shortening = Some(Shortening { envelope, shorten });
    }

    /// Sends whole lines, or loses them.
    pub(super) fn send(&mut self, lines: &str, loss: &Loss) {
        let mut left = lines;
        if self.away.as_ref().is_some_and(Away::is_given_up) {
            return loss.of(left, "the log service cannot be reached");
        }
        loop {
            let Err(error) = self.try_send(&mut left, loss) else {
                self.away = None;
                return;
            };
            self.open = None;
            let now = Instant::now();
            let since = self.away.map_or(now, |away| away.since);
            self.away = Some(Away { since, asked: now });
            if now.duration_since(since) >= HOLD {
                return loss.of(left, &format!("the log service cannot be reached: {error}"));
            }
            sleep(RETRY);
        }
    }

    /// Sends what is `left`, which grows shorter by what was sent.
    fn try_send(&mut self, left: &mut &str, loss: &Loss) -> io::Result<()> {
        if self.open.as_mut().is_some_and(Wire::has_ended) {
            self.open = None;
        }
        let wire = match &mut self.open {
            Some(wire) => wire,
            none => none.insert(Wire::connect(&self.address)?),
        };
        wire.send(left, self.shortening.as_ref(), loss)
    }
}

impl Wire {
    fn connect(address: &SyslogAddress) -> io::Result<Self> {
        Ok(match address {
            SyslogAddress::Unix(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                socket.set_write_timeout(Some(PATIENCE))?;
                Self::Unix(socket)
            }
            SyslogAddress::Udp(authority) => {
                let to = resolved(authority)?;
                let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                let socket = UdpSocket::bind(any)?;
                socket.connect(to)?;
                socket.set_write_timeout(Some(PATIENCE))?;
                Self::Udp(socket)
            }
            SyslogAddress::Tcp(authority) => {
                let socket = TcpStream::connect_timeout(&resolved(authority)?, PATIENCE)?;
                socket.set_write_timeout(Some(PATIENCE))?;
                Self::Tcp(socket)
            }
        })
    }

    /// Whether the service has closed the connection, which a write alone would not tell.
    fn has_ended(&mut self) -> bool {
        let Self::Tcp(socket) = self else { return false };
        let looked = socket.set_nonblocking(true).and_then(|()| {
            let read = socket.read(&mut [0; 64]);
            socket.set_nonblocking(false)?;
            read
        });
        // A log service has nothing to say; whatever it says is of no interest.
        match looked {
            Ok(0) => true,
            Ok(_) => false,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }

    fn send_datagram(&self, line: &str) -> io::Result<usize> {
        match self {
            Self::Unix(socket) => socket.send(line.as_bytes()),
            Self::Udp(socket) => socket.send(line.as_bytes()),
            Self::Tcp(_) => Err(ErrorKind::Unsupported.into()),
        }
    }

    fn send(
        &mut self,
        left: &mut &str,
        shortening: Option<&Shortening>,
        loss: &Loss,
    ) -> io::Result<()> {
        if let Self::Tcp(socket) = self {
            return send_counted(socket, left);
        }
        while let Some((line, rest)) = left.split_once('\n') {
            match self.send_datagram(line) {
                Err(error) if is_too_long(&error) => {
                    // It would be too long the next time, too.
                    let short = shortening.and_then(|by| by.shorten(line));
                    match short.map(|short| self.send_datagram(&short)) {
                        Some(Err(error)) if !is_too_long(&error) => return Err(error),
                        Some(Ok(_)) => tracing::warn!(
                            bytes = line.len(),
                            "a line is too long for a datagram and was told shortly"
                        ),
                        Some(Err(_)) | None => loss.of("\n", "a line is too long for a datagram"),
                    }
                }
                sent => drop(sent?),
            }
            *left = rest;
        }
        Ok(())
    }
}

impl Shortening {
    fn shorten(&self, line: &str) -> Option<String> {
        // The envelope ends with the kind of the message, which is in no time.
        let after = &*self.envelope.after_time;
        let (before, text) = line.split_once(after)?;
        Some(format!("{before}{after}{}", (self.shorten)(text)))
    }
}

/// Octet counting: `LENGTH SP MESSAGE`.
fn send_counted(socket: &mut TcpStream, left: &mut &str) -> io::Result<()> {
    let (mut frames, mut ends) = (Vec::with_capacity(left.len() + 1024), Vec::new());
    for line in left.lines() {
        frames.extend_from_slice(itoa::Buffer::new().format(line.len()).as_bytes());
        frames.push(b' ');
        frames.extend_from_slice(line.as_bytes());
        ends.push((frames.len(), line.len() + 1));
    }
    let mut sent = 0;
    let outcome = loop {
        match socket.write(frames.get(sent..).unwrap_or_default()) {
            Ok(0) if sent < frames.len() => break Err(ErrorKind::WriteZero.into()),
            Ok(more) => sent += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
        if sent == frames.len() {
            break Ok(());
        }
    };
    let whole = ends.iter().take_while(|(end, _)| *end <= sent).map(|(_, length)| length);
    *left = left.get(whole.sum::<usize>()..).unwrap_or_default();
    outcome
}

fn resolved(authority: &str) -> io::Result<std::net::SocketAddr> {
    authority.to_socket_addrs()?.next().ok_or_else(|| ErrorKind::NotFound.into())
}

/// `EMSGSIZE`, for which the standard library has no kind.
fn is_too_long(error: &io::Error) -> bool {
    const EMSGSIZE: i32 = 90;
    error.raw_os_error() == Some(EMSGSIZE)
}
