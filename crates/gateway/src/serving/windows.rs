//! How far a client lets us send over HTTP/2 (RFC 9113 section 5.2), to tell a small frame that its
//! window made small from one of a service that has little to say.

use std::collections::HashMap;

/// What every window begins with (section 6.9.2).
const INITIAL: i64 = 65_535;

/// The windows of a connection and of its streams. A stream is known from its beginning to its end,
/// so there are never more of them than may be open.
#[derive(Debug)]
pub(super) struct Windows {
    connection: i64,
    initial: i64,
    /// How much further than at first each is open: what the client says of all of them at once, as
    /// often as it likes, costs nothing.
    streams: HashMap<u32, i64>,
    /// The last one that was begun; those before it that are not known have ended.
    last: u32,
}

impl Windows {
    pub(super) fn new() -> Self {
        Self { connection: INITIAL, initial: INITIAL, streams: HashMap::new(), last: 0 }
    }

    /// A stream is begun, or trailers came for one.
    pub(super) fn begin(&mut self, stream: u32) {
        if stream > self.last {
            self.last = stream;
            self.streams.insert(stream, 0);
        }
    }

    /// Nothing more is sent on a stream.
    pub(super) fn end(&mut self, stream: u32) {
        self.streams.remove(&stream);
    }

    /// A window is opened further; 0 is the connection's.
    pub(super) fn open(&mut self, stream: u32, by: u32) {
        let window = match stream {
            0 => Some(&mut self.connection),
            stream => self.streams.get_mut(&stream),
        };
        if let Some(window) = window {
            *window = window.saturating_add(i64::from(by));
        }
    }

    /// All streams begin with another window, those that are open included.
    pub(super) fn set_initial(&mut self, initial: u32) {
        self.initial = i64::from(initial);
    }

    /// So much was sent; whether that has filled a window.
    pub(super) fn send(&mut self, stream: u32, length: usize) -> bool {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        self.connection = self.connection.saturating_sub(length);
        let window = self.streams.get_mut(&stream);
        let is_full = window.is_some_and(|window| {
            *window = window.saturating_sub(length);
            self.initial.saturating_add(*window) <= 0
        });
        is_full || self.connection <= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_full_when_as_much_was_sent_as_it_was_opened() {
        let mut windows = Windows::new();
        windows.set_initial(10);
        windows.begin(1);
        assert!(!windows.send(1, 9));
        windows.begin(1);
        assert!(windows.send(1, 1));
        windows.open(1, 5);
        assert!(!windows.send(1, 4));
        // Less for all, then more: also for what is open.
        windows.set_initial(8);
        windows.set_initial(11);
        assert!(!windows.send(1, 1));
        assert!(windows.send(1, 1));
        windows.end(1);
        windows.open(1, 7);
        assert!(windows.streams.is_empty());
    }

    #[test]
    fn what_comes_late_begins_nothing_again() {
        let mut windows = Windows::new();
        for stream in (1..1_000).step_by(2) {
            windows.begin(stream);
            windows.end(stream);
            windows.begin(stream);
            windows.begin(stream.saturating_sub(2));
        }
        assert!(windows.streams.is_empty());
    }

    #[test]
    fn the_window_of_the_connection_is_one_for_all() {
        let mut windows = Windows::new();
        windows.set_initial(1 << 20);
        windows.begin(1);
        windows.begin(3);
        assert!(!windows.send(1, 65_000));
        assert!(windows.send(3, 535));
        windows.open(0, 100);
        assert!(!windows.send(3, 99));
    }
}
