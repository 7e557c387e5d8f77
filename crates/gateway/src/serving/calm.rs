//! How many frames that carry nothing a client may send (PING, SETTINGS, PRIORITY, `RST_STREAM`,
//! `WINDOW_UPDATE` and empty DATA floods: CVE-2019-9512, -9513, -9514, -9515, -9517, -9518), and how
//! small it may make those that we send (CVE-2019-9511).
//!
//! Each costs one of an allowance that starts with [`FREE`], grows with time and with what is
//! really exchanged, and never exceeds [`MAX_SAVED`]. Whoever spends it all is cut off.
//!
//! A client that opens its windows octet by octet makes us cut an answer into as many frames. A
//! frame that fills its window earns by its octets, so each time a window is opened, it has to be
//! by [`LEAST`] on average. A service that says little at a time fills none.

use std::time::Duration;

use tokio::time::Instant;

use super::frames::{Frame, Kind, Seen};
use super::windows::Windows;

/// What a connection starts with.
const FREE: u32 = 1_000;
/// The most that is saved up.
const MAX_SAVED: u32 = 10_000;
/// How often one is given for nothing, so that quiet connections may be probed.
const GIVEN_EVERY: Duration = Duration::from_millis(100);
/// What a request earns: its own frames, a priority or two, a reset.
const PER_REQUEST: u32 = 4;
/// What a DATA frame that we sent earns: both its windows are opened again, and its delay measured.
const PER_DATA_SENT: u32 = 8;
/// What a DATA frame that came with something in it earns.
const PER_DATA_RECEIVED: u32 = 2;
/// How many octets earn one, where a frame has filled its window; a frame of fewer costs one.
const LEAST: usize = 64;

/// A client's allowance.
#[derive(Debug)]
pub(super) struct Calm {
    left: u32,
    given_at: Instant,
    windows: Windows,
}

/// The client sends too much of nothing.
#[derive(Debug, thiserror::Error)]
#[error("too many frames that carry nothing")]
pub(super) struct Flood;

impl Calm {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: FREE, given_at: now, windows: Windows::new() }
    }

    /// Something came.
    pub(super) fn received(&mut self, seen: Seen, now: Instant) -> Result<(), Flood> {
        match seen {
            Seen::Opened { stream, by } => self.windows.open(stream, by),
            Seen::InitialWindow(size) => self.windows.set_initial(size),
            Seen::Frame(frame) => match frame.kind {
                Kind::Headers => {
                    self.windows.begin(frame.stream);
                    self.earn(PER_REQUEST);
                }
                Kind::Data if frame.length > 0 || frame.ends_stream => {
                    self.earn(PER_DATA_RECEIVED);
                }
                Kind::Reset => {
                    self.windows.end(frame.stream);
                    return self.spend(now);
                }
                _ => return self.spend(now),
            },
        }
        Ok(())
    }

    /// Something was sent.
    pub(super) fn sent(&mut self, seen: Seen) {
        let Seen::Frame(frame) = seen else { return };
        if frame.kind == Kind::Data {
            self.sent_data(frame);
        }
        let is_end = frame.ends_stream && matches!(frame.kind, Kind::Data | Kind::Headers);
        if is_end || frame.kind == Kind::Reset {
            self.windows.end(frame.stream);
        }
    }

    fn sent_data(&mut self, frame: Frame) {
        let has_filled = self.windows.send(frame.stream, frame.length);
        if !has_filled || frame.ends_stream {
            return self.earn(PER_DATA_SENT);
        }
        match u32::try_from(frame.length / LEAST) {
            Ok(0) => self.left = self.left.saturating_sub(1),
            earned => self.earn(earned.unwrap_or(PER_DATA_SENT).min(PER_DATA_SENT)),
        }
    }

    fn earn(&mut self, count: u32) {
        self.left = self.left.saturating_add(count).min(MAX_SAVED);
    }

    fn spend(&mut self, now: Instant) -> Result<(), Flood> {
        let passed = now.saturating_duration_since(self.given_at).as_millis();
        let given = passed / GIVEN_EVERY.as_millis();
        if given > 0 {
            self.given_at = now;
            self.earn(u32::try_from(given).unwrap_or(MAX_SAVED));
        }
        self.left = self.left.checked_sub(1).ok_or(Flood)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: Seen = frame(Kind::Other, 8);
    const DATA: Seen = frame(Kind::Data, 1);
    const UPDATE: Seen = frame(Kind::WindowUpdate, 4);

    const fn frame(kind: Kind, length: usize) -> Seen {
        Seen::Frame(Frame { kind, stream: 1, length, ends_stream: false })
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_told_from_probing() {
        let start = Instant::now();
        let mut calm = Calm::new(start);
        for second in 0..100_000 {
            let now = start + Duration::from_secs(second);
            (0..10).for_each(|_| calm.received(PING, now).unwrap());
        }
        let now = start + Duration::from_secs(200_000);
        let sent = (0..20_000).take_while(|_| calm.received(PING, now).is_ok()).count();
        assert_eq!(sent, MAX_SAVED as usize);
    }

    #[tokio::test(start_paused = true)]
    async fn empty_data_is_nothing_and_windows_belong_to_what_was_sent() {
        let now = Instant::now();
        let mut calm = Calm::new(now);
        calm.received(frame(Kind::Headers, 9), now).unwrap();
        // A service that says one octet at a time, to a client that answers each.
        for _ in 0..100_000 {
            calm.sent(DATA);
            for stream in [0, 1] {
                calm.received(UPDATE, now).unwrap();
                calm.received(Seen::Opened { stream, by: 1 }, now).unwrap();
            }
        }
        let mut calm = Calm::new(now);
        let empty = frame(Kind::Data, 0);
        let sent = (0..20_000).take_while(|_| calm.received(empty, now).is_ok()).count();
        assert_eq!(sent, FREE as usize);
    }

    /// How many steps of so many octets a client is allowed, up to 100,000.
    fn steps(octets: u32) -> usize {
        let now = Instant::now();
        let mut calm = Calm::new(now);
        calm.received(Seen::InitialWindow(0), now).unwrap();
        calm.received(frame(Kind::Headers, 9), now).unwrap();
        calm.received(Seen::Opened { stream: 0, by: u32::MAX >> 1 }, now).unwrap();
        let mut step = || {
            calm.received(UPDATE, now)?;
            calm.received(Seen::Opened { stream: 1, by: octets }, now)?;
            calm.sent(frame(Kind::Data, octets as usize));
            Ok::<_, Flood>(())
        };
        (0..100_000).take_while(|_| step().is_ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_that_is_opened_by_next_to_nothing_has_an_end() {
        assert!((400..600).contains(&steps(1)), "{}", steps(1));
        assert!((400..600).contains(&steps(63)), "{}", steps(63));
        assert_eq!(steps(64), 100_000);
        assert_eq!(steps(16_384), 100_000);
    }
}
