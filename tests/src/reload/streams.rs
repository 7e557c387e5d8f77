//! A WebSocket and an event stream that stay open all the while.

use std::sync::mpsc::Receiver;

use parking_lot::Mutex;

use crate::harness::http::{Connection, Request};
use crate::harness::patience::PATIENCE;
use crate::harness::stage::Stage;
use crate::harness::upstream::Peer;
use crate::harness::upstream::answer::ok;

/// The service's side: a WebSocket, an event for each tick, or an ordinary answer.
pub(super) fn serve(peer: &mut Peer, ticks: &Mutex<Receiver<usize>>) {
    while let Some(request) = peer.request() {
        match request.target() {
            "/public/messages" => return peer.echo_messages(&request),
            "/public/events" => {
                peer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                      Transfer-Encoding: chunked\r\n\r\n",
                );
                let ticks = ticks.lock();
                while let Ok(number) = ticks.recv_timeout(PATIENCE) {
                    let event = event(number);
                    peer.write(format!("{:X}\r\n{event}\r\n", event.len()).as_bytes());
                }
                return;
            }
            _ => peer.write(&ok("{}")),
        }
    }
}

fn event(number: usize) -> String {
    format!("data: {number}\n\n")
}

/// The client's end of the event stream.
pub(super) struct Events(Connection);

/// The client's end of the WebSocket.
pub(super) struct Messages(Connection);

impl Events {
    pub(super) fn open(stage: &Stage) -> Self {
        let mut connection = stage.connect();
        connection.send(&Request::get("/public/events").to_bytes());
        assert_eq!(connection.head().unwrap().status, 200);
        Self(connection)
    }

    /// Waits for the event that is due.
    pub(super) fn expect(&mut self, number: usize) {
        let event = event(number);
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        let came = self.0.bytes(chunk.len());
        assert!(came.eq_ignore_ascii_case(chunk.as_bytes()), "{}", String::from_utf8_lossy(&came));
    }
}

impl Messages {
    pub(super) fn open(stage: &Stage) -> Self {
        let mut connection = stage.connect();
        let asking = Request::get("/public/messages")
            .with("Connection", "Upgrade")
            .with("Upgrade", "websocket")
            .with("Sec-WebSocket-Version", "13")
            .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        connection.send(&asking.to_bytes());
        assert_eq!(connection.head().unwrap().status, 101);
        Self(connection)
    }

    /// Sends a message and waits until it comes back (RFC 6455 section 5.2; the mask is zero).
    pub(super) fn exchange(&mut self, number: usize) {
        let text = number.to_string();
        let length = u8::try_from(text.len()).unwrap();
        self.0.send(&[&[0x81, length | 0x80, 0, 0, 0, 0], text.as_bytes()].concat());
        let back = [&[0x81, length], text.as_bytes()].concat();
        assert_eq!(self.0.bytes(back.len()), back);
    }
}
