//! A name server with one zone in memory, over UDP and TCP (RFC 1035).

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;

use crate::harness::patience::eventually;

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// As it should.
    Honest,
    /// It says nothing.
    Silent,
    /// It has a failure (SERVFAIL).
    Failing,
    /// Whatever is asked for is not there (NXDOMAIN).
    Forgetful,
    /// Somebody else answers first, with a guess at the id.
    Spoofed,
    /// Nothing fits into a datagram.
    Verbose,
}

/// A running server.
pub(super) struct NameServer {
    pub(super) address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
}

struct Zone {
    mood: Mood,
    /// By name and type: the content of records.
    records: HashMap<(String, u16), Vec<Vec<u8>>>,
    over_tcp: usize,
}

const A: u16 = 1;
const SRV: u16 = 33;

impl NameServer {
    pub(super) fn start() -> Self {
        // One port that is free for both.
        let (udp, tcp) = eventually("a port", || {
            let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
            let tcp = TcpListener::bind(udp.local_addr().unwrap()).ok()?;
            Some((udp, tcp))
        });
        let zone = Zone { mood: Mood::Honest, records: HashMap::new(), over_tcp: 0 };
        let server = Self { address: udp.local_addr().unwrap(), zone: Arc::new(Mutex::new(zone)) };
        let zone = Arc::clone(&server.zone);
        thread::spawn(move || {
            let mut question = [0; 512];
            loop {
                let (length, from) = udp.recv_from(&mut question).unwrap();
                for answer in zone.lock().answers(&question[..length]) {
                    udp.send_to(&answer, from).unwrap();
                }
            }
        });
        let zone = Arc::clone(&server.zone);
        thread::spawn(move || {
            for stream in tcp.incoming() {
                let (mut stream, mut length) = (stream.unwrap(), [0; 2]);
                stream.read_exact(&mut length).unwrap();
                let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut question).unwrap();
                let mut zone = zone.lock();
                zone.over_tcp += 1;
                let answer = zone.answer(&question, 0);
                let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
                stream.write_all(&[&length[..], &answer].concat()).unwrap();
            }
        });
        server
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        self.zone.lock().mood = mood;
    }

    /// Questions that came over TCP.
    pub(super) fn over_tcp(&self) -> usize {
        self.zone.lock().over_tcp
    }

    /// The IPv4 addresses of a host.
    pub(super) fn set_host(&self, name: &str, addresses: &[Ipv4Addr]) {
        let records = addresses.iter().map(|address| address.octets().to_vec()).collect();
        self.zone.lock().records.insert((name.to_owned(), A), records);
    }

    /// The records of a service: priority, weight, port and host of each.
    pub(super) fn set_service(&self, name: &str, services: &[(u16, u16, u16, &str)]) {
        let record = |(priority, weight, port, host): &(u16, u16, u16, &str)| {
            let numbers = [priority, weight, port].map(|number| number.to_be_bytes());
            [numbers.as_flattened(), &wire_name(host)].concat()
        };
        let records = services.iter().map(record).collect();
        self.zone.lock().records.insert((name.to_owned(), SRV), records);
    }
}

impl Zone {
    /// What is sent for a datagram.
    fn answers(&self, question: &[u8]) -> Vec<Vec<u8>> {
        match self.mood {
            Mood::Silent => Vec::new(),
            Mood::Honest | Mood::Failing | Mood::Forgetful => vec![self.answer(question, 0)],
            Mood::Verbose => vec![self.answer(question, 2)],
            Mood::Spoofed => {
                let mut forged = self.answer(question, 0);
                forged[1] ^= 1;
                // 192.0.2.1: nobody is there.
                let at = forged.len() - 4;
                forged[at..].copy_from_slice(&[192, 0, 2, 1]);
                vec![forged, b"noise".to_vec(), self.answer(question, 0)]
            }
        }
    }

    fn answer(&self, question: &[u8], flags: u8) -> Vec<u8> {
        let end = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
        let name = question[12..end - 1].iter().map(|byte| match byte {
            1..32 => '.',
            byte => char::from(*byte),
        });
        let name: String = name.skip(1).collect();
        let kind = u16::from_be_bytes([question[end], question[end + 1]]);
        let none = Vec::new();
        let (code, records) = match self.mood {
            Mood::Failing => (2, &none),
            Mood::Forgetful => (3, &none),
            _ => (0, self.records.get(&(name, kind)).unwrap_or(&none)),
        };
        let mut answer = question[..end + 4].to_vec();
        answer[2..12].copy_from_slice(&[0x81 | flags, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0]);
        answer[7] = u8::try_from(records.len()).unwrap();
        for record in records {
            answer.extend([0xc0, 12]);
            answer.extend(kind.to_be_bytes());
            // Of the internet, and good for no time at all.
            answer.extend([0, 1, 0, 0, 0, 0]);
            answer.extend(u16::try_from(record.len()).unwrap().to_be_bytes());
            answer.extend(record);
        }
        answer
    }
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.') {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend(label.as_bytes());
    }
    wire.push(0);
    wire
}
