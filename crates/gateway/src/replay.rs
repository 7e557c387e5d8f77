//! Signatures that were used, as long as they could be used again.
//!
//! 1. **Whole**: one for all authenticators and routes of the process, kept over reloads, so that
//!    what was used in one place is used in all. It is asked only for signatures that are good:
//!    nobody else's requests fill it.
//! 2. **Bounded**: [`SHARDS`] times [`MAX_ENTRIES`] uses, about 30 MiB. What cannot be remembered
//!    is refused (the caller answers 503): to let it pass would be to let it pass again.
//! 3. **Apart**: each key's uses go to a quarter of the shards, chosen by the key. Whoever fills
//!    theirs with a stolen key or a loop closes the door to themselves, and to a part of others'
//!    requests at most.
//! 4. **Forgetful on time**: a use is dropped once its date is too old for every authenticator, by
//!    the longest `clock_skew` there was ([`Replays::reach`]): it was taken by one of them, and all
//!    are asked for. A clock that jumps back forgets nothing.
//!
//! It is memory: a process that starts anew remembers nothing of the one before.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hashbrown::HashMap;
use parking_lot::Mutex;
use symbolon_core::http_signature::{Fingerprint, FingerprintKey, Unverified};
use symbolon_core::{Random, Timestamp};

/// How many parts the uses are spread over.
const SHARDS: usize = 64;
/// How many of them one key uses.
const SHARDS_OF_A_KEY: usize = SHARDS / 4;
/// The most uses that a part remembers: a million altogether.
const MAX_ENTRIES: usize = 16 * 1024;
/// How often a part looks for what it may forget, in seconds.
const TIDY_EVERY: i64 = 4;

/// Signatures that were used.
pub(crate) struct Replays {
    key: FingerprintKey,
    shards: Box<[Mutex<Shard>]>,
    /// How far back dates are taken, in seconds: the furthest that there ever was.
    reach: AtomicI64,
    /// From which second on every use is remembered; what is dated before may be one.
    since: AtomicI64,
}

/// Whether a signature may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Use {
    /// It was not used before.
    First,
    /// It was, or nobody can say any more.
    Again,
    /// There is no room to remember it.
    Full,
}

#[derive(Default)]
struct Shard {
    /// How each is dated, in seconds since the epoch.
    uses: HashMap<Fingerprint, u32>,
    tidy_at: i64,
}

impl Replays {
    /// None yet.
    pub(crate) fn new(random: &dyn Random) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        let (reach, since) = (AtomicI64::new(0), AtomicI64::new(i64::MIN));
        Self { key: FingerprintKey::generate(random), shards, reach, since }
    }

    /// Remembers from now on for as long as dates are taken that are `skew` from now. What is dated
    /// before the time until which uses were remembered so far is refused as used.
    pub(crate) fn reach(&self, skew: Duration, now: Timestamp) {
        let skew = i64::try_from(skew.as_secs() + 1).unwrap_or(i64::MAX);
        let before = self.reach.load(Ordering::Acquire);
        if skew <= before {
            return;
        }
        if before > 0 {
            self.since.fetch_max(now.as_secs().saturating_sub(before), Ordering::AcqRel);
        }
        self.reach.store(skew, Ordering::Release);
    }

    /// Uses a signature with this date; one that only looks (`is_dry`) leaves no trace.
    pub(crate) fn take(
        &self,
        signature: &Unverified,
        dated: Timestamp,
        now: Timestamp,
        is_dry: bool,
    ) -> Use {
        let dated = dated.as_secs();
        if dated < self.since.load(Ordering::Acquire) {
            return Use::Again;
        }
        let oldest = now.as_secs().saturating_sub(self.reach.load(Ordering::Acquire));
        let fingerprint = self.key.of(signature);
        let start = usize::from(self.key.of_key(signature).last_byte());
        let offset = usize::from(fingerprint.last_byte()) % SHARDS_OF_A_KEY;
        match self.shards.get((start + offset) % SHARDS) {
            Some(shard) => shard.lock().take(fingerprint, dated, (now.as_secs(), oldest), is_dry),
            // INVARIANT: there are as many shards as the number was reduced by.
            None => Use::Full,
        }
    }
}

impl Shard {
    fn take(
        &mut self,
        fingerprint: Fingerprint,
        dated: i64,
        (now, oldest): (i64, i64),
        is_dry: bool,
    ) -> Use {
        if self.uses.contains_key(&fingerprint) {
            return Use::Again;
        }
        if is_dry {
            return Use::First;
        }
        // Further ahead than that it is where the clock has jumped back.
        if now >= self.tidy_at || self.tidy_at > now + TIDY_EVERY {
            self.tidy_at = now + TIDY_EVERY;
            self.uses.retain(|_, dated| i64::from(*dated) >= oldest);
        }
        if self.uses.len() >= MAX_ENTRIES {
            return Use::Full;
        }
        self.uses.insert(fingerprint, u32::try_from(dated).unwrap_or(u32::MAX));
        Use::First
    }
}

#[cfg(test)]
mod tests {
    use symbolon_core::OsRandom;
    use symbolon_core::http_signature::{Form, Request, find};

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn signature(key: &str, nonce: u32) -> Unverified {
        let input = format!("s=();created=1;keyid=\"{key}\";nonce=\"{nonce}\"");
        let fields: [(&[u8], &[u8]); 2] =
            [(b"signature-input", input.as_bytes()), (b"signature", b"s=:AAAA:")];
        let request = Request {
            method: "GET",
            target: "/",
            absolute: None,
            authority: "example.com",
            scheme: "https",
            version: "HTTP/1.1",
            fields: &fields,
        };
        find(&request, &[Form::MessageSignature]).unwrap().pop().unwrap()
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(NOW + secs)
    }

    /// One that remembers for a minute.
    fn replays() -> Replays {
        let replays = Replays::new(&OsRandom);
        replays.reach(Duration::from_mins(1), at(0));
        replays
    }

    fn take(replays: &Replays, key: &str, nonce: u32, now: i64) -> Use {
        replays.take(&signature(key, nonce), at(0), Timestamp::from_secs(now), false)
    }

    #[test]
    fn a_signature_is_good_once() {
        let replays = replays();
        assert_eq!(take(&replays, "a", 1, NOW), Use::First);
        for now in [NOW, NOW + 60, NOW - 1000] {
            assert_eq!(take(&replays, "a", 1, now), Use::Again);
        }
        assert_eq!(take(&replays, "a", 2, NOW), Use::First);
        assert_eq!(take(&replays, "b", 1, NOW), Use::First);
    }

    #[test]
    fn who_only_looks_leaves_no_trace() {
        let replays = replays();
        assert_eq!(replays.take(&signature("a", 1), at(0), at(0), true), Use::First);
        assert_eq!(take(&replays, "a", 1, NOW), Use::First);
        assert_eq!(replays.take(&signature("a", 1), at(0), at(0), true), Use::Again);
    }

    #[test]
    fn a_use_is_remembered_for_as_long_as_any_authenticator_takes_its_date() {
        let replays = replays();
        let busy = |now: i64| {
            // Something in every part of the key's, so that each looks for what it may forget.
            for nonce in 0..1000 {
                let nonce = 10 + nonce + u32::try_from(now).unwrap() * 1000;
                let _ = replays.take(&signature("a", nonce), at(now), at(now), false);
            }
        };
        replays.reach(Duration::from_mins(15), at(0));
        assert_eq!(take(&replays, "a", 1, NOW), Use::First);
        busy(10 * 60);
        assert_eq!(take(&replays, "a", 1, NOW + 10 * 60), Use::Again);
        busy(16 * 60);
        assert_eq!(take(&replays, "a", 1, NOW + 16 * 60), Use::First, "it is no use by then");
    }

    #[test]
    fn where_dates_are_taken_from_further_back_what_was_forgotten_is_no_first_use() {
        let replays = replays();
        let dated = |secs: i64| replays.take(&signature("a", 1), at(secs), at(600), false);
        replays.reach(Duration::from_mins(15), at(600));
        assert_eq!(dated(500), Use::Again);
        assert_eq!(dated(550), Use::First);
    }

    #[test]
    fn a_clock_that_was_ahead_keeps_nobody_from_forgetting() {
        let mut shard = Shard::default();
        let (now, ahead) = (NOW, NOW + 24 * 60 * 60);
        let replays = replays();
        let mut take = |nonce: u32, now: i64| {
            let fingerprint = replays.key.of(&signature("a", nonce));
            shard.take(fingerprint, now, (now, now - 60), false)
        };
        assert_eq!(take(0, ahead), Use::First);
        for nonce in 1..u32::try_from(MAX_ENTRIES).unwrap() {
            assert_eq!(take(nonce, now), Use::First);
        }
        let next = u32::try_from(MAX_ENTRIES).unwrap();
        assert_eq!(take(next, now), Use::Full);
        assert_eq!(take(next, now + 70), Use::First);
    }

    #[test]
    fn what_cannot_be_remembered_is_refused_and_concerns_others_in_part_only() {
        let replays = replays();
        let room = u32::try_from(SHARDS_OF_A_KEY * MAX_ENTRIES).unwrap();
        let mut at = 0;
        let mut refused = 0;
        // Shards fill unevenly; go on until all of one key's are full.
        while refused < 1000 {
            refused = if take(&replays, "noisy", at, NOW) == Use::Full { refused + 1 } else { 0 };
            at += 1;
        }
        let kept: usize = replays.shards.iter().map(|shard| shard.lock().uses.len()).sum();
        assert!(kept <= room as usize, "{kept}");
        let mut served = 0;
        for client in 0..64 {
            let takes = |nonce| take(&replays, &format!("client-{client}"), nonce, NOW);
            served += usize::from((0..10).any(|nonce| takes(nonce) == Use::First));
        }
        assert!(served > 32, "{served} of 64 others");
        // What is over makes room.
        assert_eq!(take(&replays, "noisy", at, NOW + 70), Use::First);
    }
}
