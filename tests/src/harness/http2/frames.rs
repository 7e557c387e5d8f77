//! Frames byte by byte (RFC 9113 section 4.1), for clients that mean no good.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::super::patience::{PATIENCE, eventually};

/// Types of frames (section 6).
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
/// Flags.
pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// The longest payload that needs no leave, in bytes (section 4.2).
pub(crate) const FRAME: usize = 16 * 1024;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame that was received.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// A connection on which everything can be said.
pub(crate) struct Raw {
    stream: TcpStream,
    answers_pings: bool,
}

impl Frame {
    /// The status of HEADERS that are the first of their connection: it is in the static table, or
    /// its digits follow (RFC 7541 sections 5.2 and 6.2.1, appendices A and B).
    pub(crate) fn status(&self) -> u16 {
        let length = match self.payload[..] {
            [0x88, ..] => return 200,
            [0x8c, ..] => return 400,
            [0x8d, ..] => return 404,
            [0x48, length, ..] if length & 0x80 != 0 => usize::from(length & 0x7f),
            _ => panic!("no status: {self:?}"),
        };
        let mut bits = self.payload[2..2 + length]
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| u16::from(byte >> bit & 1)));
        let mut more = |code: u16, count: usize| {
            bits.by_ref().take(count).fold(code, |code, bit| code << 1 | bit)
        };
        (0..3).fold(0, |status, _| {
            let code = more(0, 5);
            // 0, 1 and 2 have five bits, the other digits six.
            status * 10 + if code < 3 { code } else { more(code, 1) - 0x19 + 3 }
        })
    }
}

impl Raw {
    /// Connects and says the preface with these SETTINGS.
    pub(crate) fn to(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        let mut raw = Self::silent(address);
        let settings: Vec<u8> = settings
            .iter()
            .flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat())
            .collect();
        raw.send(&[PREFACE, &frame(SETTINGS, 0, 0, &settings)].concat()).unwrap();
        raw
    }

    /// Connects and says nothing.
    pub(crate) fn silent(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream, answers_pings: true }
    }

    /// The same, as if nobody were there any more.
    pub(crate) fn deaf(mut self) -> Self {
        self.answers_pings = false;
        self
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next frame; nothing when the gateway has closed the connection.
    pub(crate) fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.exactly(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
        let mut payload = vec![0; length as usize];
        self.exactly(&mut payload)?;
        if self.answers_pings && head[3] == PING && head[4] & ACK == 0 {
            // It may be gone already.
            let _ = self.send(&frame(PING, ACK, 0, &payload));
        }
        Some(Frame { kind: head[3], stream, payload })
    }

    /// Waits until the gateway has read everything that was sent, as the system tells.
    pub(crate) fn wait_until_read(&self) {
        let port =
            |address: io::Result<SocketAddr>| format!("0100007F:{:04X}", address.unwrap().port());
        let (ours, theirs) = (port(self.stream.local_addr()), port(self.stream.peer_addr()));
        eventually("everything to be read", || {
            // The system may refuse while the table is long and changes.
            let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
            let row = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
            let mut row = row.filter(|row| row.len() > 4 && row[1] == theirs && row[2] == ours);
            let queues = row.next()?[4];
            queues.ends_with(":00000000").then_some(())
        });
    }

    /// The same connection for another thread to send on.
    pub(crate) fn another(&self) -> Self {
        Self { stream: self.stream.try_clone().unwrap(), answers_pings: false }
    }

    /// Closes in both directions, whoever else has the connection.
    pub(crate) fn hang_up(&self) {
        // It may be closed already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Reads frames up to the first of this kind; nothing when there is none.
    pub(crate) fn wait_for(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let frame = self.frame()?;
            if frame.kind == kind {
                return Some(frame);
            }
        }
    }

    /// Reads until the gateway closes; the code of its last GOAWAY.
    pub(crate) fn wait_until_closed(&mut self) -> Option<u32> {
        let mut code = None;
        while let Some(frame) = self.frame() {
            if frame.kind == GOAWAY {
                code = frame.payload[4..8].try_into().ok().map(u32::from_be_bytes);
            }
        }
        code
    }

    #[track_caller]
    fn exactly(&mut self, bytes: &mut [u8]) -> Option<()> {
        match self.stream.read_exact(bytes) {
            Ok(()) => Some(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("not closed"),
            Err(_) => None,
        }
    }
}

/// A frame's bytes.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Fields without compression (RFC 7541 section 6.2.2).
pub(crate) fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            length(&mut block, text.len());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// HEADERS with CONTINUATION where the block does not fit into one frame.
pub(crate) fn long_headers(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    let pieces: Vec<&[u8]> = block.chunks(FRAME).collect();
    let last = pieces.len() - 1;
    let frames = pieces.iter().enumerate().map(|(number, piece)| {
        let (kind, flags) = if number == 0 { (HEADERS, flags) } else { (CONTINUATION, 0) };
        frame(kind, if number == last { flags | END_HEADERS } else { flags }, stream, piece)
    });
    frames.collect::<Vec<_>>().concat()
}

/// HEADERS with all of these fields.
pub(crate) fn headers(stream: u32, flags: u8, rows: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | flags, stream, &fields(rows))
}

/// Section 5.1, with a prefix of seven bits.
fn length(block: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(127) else {
        block.push(u8::try_from(length).unwrap());
        return;
    };
    block.push(127);
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap());
}
