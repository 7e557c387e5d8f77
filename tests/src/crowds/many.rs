//! A service that takes thousands of requests at once: over HTTP/2, hundreds share a connection, and
//! neither it nor the gateway needs a descriptor for each.
//!
//! It speaks frames and reads no heads: to whatever it is asked it gives the beginning of a large
//! answer, or nothing.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::harness::http2::frames::{
    ACK, DATA, END_HEADERS, FRAME, HEADERS, PING, PREFACE, SETTINGS, frame,
};

/// The field `:status: 200` in the static table (RFC 7541 section 6.1, appendix A).
const OK: &[u8] = &[0x88];
/// How many addresses it has: the gateway opens no more than 64 connections to each, with 100 streams.
const ADDRESSES: usize = 2;

/// Where it listens; it goes on until the tests end.
pub(super) struct Many {
    addresses: Vec<SocketAddr>,
}

impl Many {
    /// One that gives the first so many bytes of each answer; of nothing, not even a head.
    pub(super) fn start(written: usize) -> Self {
        let listen = |_| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            thread::spawn(move || {
                for stream in listener.incoming() {
                    // Whoever ends it, that is the end.
                    thread::spawn(move || speak(stream.unwrap(), written));
                }
            });
            address
        };
        Self { addresses: (0..ADDRESSES).map(listen).collect() }
    }

    /// The service `many`, for the configuration.
    pub(super) fn service(&self) -> String {
        let targets: Vec<String> =
            self.addresses.iter().map(|address| format!("http://{address}")).collect();
        format!("  many: {{ targets: [{}], protocol: h2 }}", targets.join(", "))
    }
}

fn speak(mut stream: TcpStream, written: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[]))?;
    stream.read_exact(&mut [0; PREFACE.len()])?;
    loop {
        // RFC 9113 section 4.1.
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let [a, b, c, kind, flags, id @ ..] = head;
        let (length, id) = (u32::from_be_bytes([0, a, b, c]), u32::from_be_bytes(id));
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload)?;
        match kind {
            SETTINGS if flags & ACK == 0 => stream.write_all(&frame(SETTINGS, ACK, 0, &[]))?,
            PING if flags & ACK == 0 => stream.write_all(&frame(PING, ACK, 0, &payload))?,
            HEADERS if written > 0 => answer(&mut stream, id, written)?,
            _ => {}
        }
    }
}

fn answer(stream: &mut TcpStream, id: u32, written: usize) -> io::Result<()> {
    stream.write_all(&frame(HEADERS, END_HEADERS, id, OK))?;
    for at in (0..written).step_by(FRAME) {
        stream.write_all(&frame(DATA, 0, id, &vec![b'x'; FRAME.min(written - at)]))?;
    }
    Ok(())
}
