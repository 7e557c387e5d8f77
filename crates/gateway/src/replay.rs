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
//! 4. **Forgetful on time**: a use is dropped once its date is too old to be accepted. A clock that
//!    jumps back forgets nothing.
//!
//! It is memory: a process that starts anew remembers nothing of the one before.

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
}

/// Whether a signature may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Use {
    /// It was not used before.
    First,
    /// It was.
    Again,
    /// There is no room to remember it.
    Full,
}

#[derive(Default)]
struct Shard {
    /// Until which second, since the epoch, each is remembered.
    uses: HashMap<Fingerprint, u32>,
    tidy_at: i64,
}

impl Replays {
    /// None yet.
    pub(crate) fn new(random: &dyn Random) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self { key: FingerprintKey::generate(random), shards }
    }

    /// Uses a signature that is good until `until`; one that only looks (`is_dry`) leaves no trace.
    pub(crate) fn take(
        &self,
        signature: &Unverified,
        until: Timestamp,
        now: Timestamp,
        is_dry: bool,
    ) -> Use {
        let fingerprint = self.key.of(signature);
        let start = usize::from(self.key.of_key(signature).last_byte());
        let offset = usize::from(fingerprint.last_byte()) % SHARDS_OF_A_KEY;
        match self.shards.get((start + offset) % SHARDS) {
            Some(shard) => shard.lock().take(fingerprint, until.as_secs(), now.as_secs(), is_dry),
            // INVARIANT: there are as many shards as the number was reduced by.
            None => Use::Full,
        }
    }
}

impl Shard {
    fn take(&mut self, fingerprint: Fingerprint, until: i64, now: i64, is_dry: bool) -> Use {
        if self.uses.contains_key(&fingerprint) {
            return Use::Again;
        }
        if is_dry {
            return Use::First;
        }
        if now >= self.tidy_at {
            self.tidy_at = now + TIDY_EVERY;
            self.uses.retain(|_, until| i64::from(*until) >= now);
        }
        if self.uses.len() >= MAX_ENTRIES {
            return Use::Full;
        }
        // It is good in the second in which it ends.
        let until = u32::try_from(until.saturating_add(1)).unwrap_or(u32::MAX);
        self.uses.insert(fingerprint, until);
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
            authority: "example.com",
            scheme: "https",
            version: "HTTP/1.1",
            fields: &fields,
        };
        find(&request, &[Form::MessageSignature]).unwrap().pop().unwrap()
    }

    fn take(replays: &Replays, key: &str, nonce: u32, now: i64) -> Use {
        let until = Timestamp::from_secs(NOW + 60);
        replays.take(&signature(key, nonce), until, Timestamp::from_secs(now), false)
    }

    #[test]
    fn a_signature_is_good_once() {
        let replays = Replays::new(&OsRandom);
        assert_eq!(take(&replays, "a", 1, NOW), Use::First);
        for now in [NOW, NOW + 60, NOW - 1000] {
            assert_eq!(take(&replays, "a", 1, now), Use::Again);
        }
        assert_eq!(take(&replays, "a", 2, NOW), Use::First);
        assert_eq!(take(&replays, "b", 1, NOW), Use::First);
    }

    #[test]
    fn who_only_looks_leaves_no_trace() {
        let replays = Replays::new(&OsRandom);
        let (until, now) = (Timestamp::from_secs(NOW + 60), Timestamp::from_secs(NOW));
        assert_eq!(replays.take(&signature("a", 1), until, now, true), Use::First);
        assert_eq!(take(&replays, "a", 1, NOW), Use::First);
        assert_eq!(replays.take(&signature("a", 1), until, now, true), Use::Again);
    }

    #[test]
    fn what_cannot_be_remembered_is_refused_and_concerns_others_in_part_only() {
        let replays = Replays::new(&OsRandom);
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
