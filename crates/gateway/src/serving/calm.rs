//! How many frames that carry nothing a client may send (PING, SETTINGS, PRIORITY, `RST_STREAM`,
//! `WINDOW_UPDATE` and empty DATA floods: CVE-2019-9512, -9513, -9514, -9515, -9517, -9518).
//!
//! Each costs one of an allowance that starts with [`FREE`], grows with time and with what is
//! really exchanged, and never exceeds [`MAX_SAVED`]. Whoever spends it all is cut off.

use std::time::Duration;

use tokio::time::Instant;

use super::frames::{Frame, Kind};

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

/// A client's allowance.
#[derive(Debug)]
pub(super) struct Calm {
    left: u32,
    given_at: Instant,
}

/// The client sends too much of nothing.
#[derive(Debug, thiserror::Error)]
#[error("too many frames that carry nothing")]
pub(super) struct Flood;

impl Calm {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: FREE, given_at: now }
    }

    /// A frame came.
    pub(super) fn received(&mut self, frame: Frame, now: Instant) -> Result<(), Flood> {
        match frame.kind {
            Kind::Headers => self.earn(PER_REQUEST),
            Kind::Data if frame.length > 0 || frame.ends_stream => self.earn(PER_DATA_RECEIVED),
            _ => return self.spend(now),
        }
        Ok(())
    }

    /// A frame was sent.
    pub(super) fn sent(&mut self, frame: Frame) {
        if frame.kind == Kind::Data {
            self.earn(PER_DATA_SENT);
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

    const PING: Frame = Frame { kind: Kind::Other, length: 8, ends_stream: false };
    const DATA: Frame = Frame { kind: Kind::Data, length: 1, ends_stream: false };

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
        for _ in 0..100_000 {
            calm.sent(DATA);
            (0..2).for_each(|_| calm.received(PING, now).unwrap());
        }
        let mut calm = Calm::new(now);
        let empty = Frame { length: 0, ..DATA };
        let sent = (0..20_000).take_while(|_| calm.received(empty, now).is_ok()).count();
        assert_eq!(sent, FREE as usize);
    }
}
