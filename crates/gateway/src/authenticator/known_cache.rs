//! What authenticators have found out lately, so that a credential is not verified for every
//! request: the slow answers of password hashes, directories and other servers.
//!
//! 1. **Keyed by everything the answer depends on**, under an HMAC with a key of this cache: see
//!    [`KnownCache::key`]. The credential itself is not kept.
//! 2. **Bounded**, good and bad answers each on their own: wrong guesses push out no right one.
//! 3. **Expiring**: a good answer lives for the `ttl`, and never longer than what it says of
//!    itself; a bad one for the shorter `negative_ttl`. Both count from the question, so that a
//!    slow answer is not believed for longer; one that would live longer than that from now on was
//!    asked for while the clock was ahead, and counts no more.
//! 4. **Single flight**: whoever asks while the same question is under way waits for its answer.
//!    The question goes on when the one who asked goes away.
//! 5. That nobody could say is never kept.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use parking_lot::Mutex;
use symbolon_core::keyed_hash::{HashKey, KeyedHash};
use symbolon_core::{Random, Timestamp};
use tokio::sync::watch;

use super::generations::Generations;

/// The parts that a cache is divided into, each with a lock of its own. A power of two.
const SHARDS: usize = 16;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The most good answers, and as many bad ones. Rounded up to a multiple of 32; with 0
    /// nothing is kept, and only questions under way are shared.
    pub(crate) entries: usize,
    /// The longest that a good answer is kept; with zero none is.
    pub(crate) ttl: Duration,
    /// The longest that a bad answer is kept; with zero none is.
    pub(crate) negative_ttl: Duration,
}

/// What came of a question: good, bad, or nobody could say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict<G, B> {
    /// The credential is good.
    Good {
        /// Whose it is.
        value: G,
        /// When that ends by itself, where it does.
        until: Option<Timestamp>,
    },
    /// It is not, and why.
    Bad(B),
    /// Nobody could say, and why.
    Unknown(String),
}

/// A cache of answers; `G` and `B` are cheap to clone.
pub(crate) struct KnownCache<G, B> {
    key: HashKey,
    bounds: Bounds,
    shards: Box<[Mutex<Shard<G, B>>]>,
}

struct Shard<G, B> {
    good: Generations<(G, Timestamp)>,
    bad: Generations<(B, Timestamp)>,
    /// Questions under way.
    flights: HashMap<KeyedHash, watch::Receiver<Option<Verdict<G, B>>>>,
}

/// Whoever asks: first of all, or after somebody else.
enum Seat<G, B> {
    Kept(Verdict<G, B>),
    Passenger(watch::Receiver<Option<Verdict<G, B>>>),
    Pilot(watch::Sender<Option<Verdict<G, B>>>),
}

impl<G, B> KnownCache<G, B>
where
    G: Clone + Send + Sync + 'static,
    B: Clone + Send + Sync + 'static,
{
    /// An empty one with a key of its own.
    pub(crate) fn new(bounds: Bounds, random: &dyn Random) -> Arc<Self> {
        // Two generations of each kind in each shard.
        let each = bounds.entries.div_ceil(SHARDS * 2);
        let shard = || {
            Mutex::new(Shard {
                good: Generations::new(each),
                bad: Generations::new(each),
                flights: HashMap::new(),
            })
        };
        Arc::new(Self {
            key: HashKey::generate(random),
            bounds,
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
        })
    }

    /// What a question is known by: *all* that its answer depends on, each as a part of its own.
    pub(crate) fn key(&self, parts: &[&[u8]]) -> KeyedHash {
        self.key.over(parts)
    }

    /// What is kept.
    pub(crate) fn get(&self, key: &KeyedHash, now: Timestamp) -> Option<Verdict<G, B>> {
        self.shard(key).lock().get(key, now, &self.bounds)
    }

    /// What is kept, or what `ask` finds, which is then kept.
    ///
    /// The question runs in a task of its own on the caller's runtime.
    pub(crate) async fn get_or_ask<F>(
        self: &Arc<Self>,
        key: KeyedHash,
        now: Timestamp,
        ask: impl FnOnce() -> F,
    ) -> Verdict<G, B>
    where
        F: Future<Output = Verdict<G, B>> + Send + 'static,
    {
        let mut outcome = match self.join(&key, now) {
            Seat::Kept(verdict) => return verdict,
            Seat::Passenger(outcome) => outcome,
            Seat::Pilot(landed) => {
                let outcome = landed.subscribe();
                let landing = Landing { cache: Arc::clone(self), key };
                let question = ask();
                tokio::spawn(async move {
                    let verdict = question.await;
                    landing.cache.keep(&key, now, &verdict);
                    // From here on it is found in the cache, or asked anew.
                    drop(landing);
                    landed.send_replace(Some(verdict));
                });
                outcome
            }
        };
        let landed = outcome.wait_for(Option::is_some).await;
        let verdict = landed.ok().and_then(|verdict| verdict.clone());
        verdict.unwrap_or_else(|| Verdict::Unknown("the question was abandoned".to_owned()))
    }

    /// How many answers are kept, expired ones included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.lock())
            .map(|shard| shard.good.len() + shard.bad.len())
            .sum()
    }

    fn join(&self, key: &KeyedHash, now: Timestamp) -> Seat<G, B> {
        let mut shard = self.shard(key).lock();
        if let Some(verdict) = shard.get(key, now, &self.bounds) {
            return Seat::Kept(verdict);
        }
        if let Some(outcome) = shard.flights.get(key) {
            return Seat::Passenger(outcome.clone());
        }
        let (landed, outcome) = watch::channel(None);
        shard.flights.insert(*key, outcome);
        Seat::Pilot(landed)
    }

    fn keep(&self, key: &KeyedHash, asked: Timestamp, verdict: &Verdict<G, B>) {
        let mut shard = self.shard(key).lock();
        let Bounds { ttl, negative_ttl, .. } = self.bounds;
        match verdict {
            Verdict::Good { value, until } => {
                let end = asked.plus(ttl);
                let end = until.map_or(end, |until| end.min(until));
                if end > asked {
                    shard.bad.remove(key);
                    shard.good.insert(*key, (value.clone(), end));
                }
            }
            Verdict::Bad(why) if !negative_ttl.is_zero() => {
                shard.good.remove(key);
                shard.bad.insert(*key, (why.clone(), asked.plus(negative_ttl)));
            }
            Verdict::Bad(_) | Verdict::Unknown(_) => {}
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "INVARIANT: the index is below the number of shards, which is a power of two"
    )]
    fn shard(&self, key: &KeyedHash) -> &Mutex<Shard<G, B>> {
        let [.., last] = *key.as_bytes();
        &self.shards[usize::from(last) & (SHARDS - 1)]
    }
}

impl<G: Clone, B: Clone> Shard<G, B> {
    fn get(&mut self, key: &KeyedHash, now: Timestamp, bounds: &Bounds) -> Option<Verdict<G, B>> {
        let lives = |end: Timestamp, ttl: Duration| now < end && end <= now.plus(ttl);
        if let Some((value, end)) = self.good.get(key) {
            if lives(*end, bounds.ttl) {
                return Some(Verdict::Good { value: value.clone(), until: Some(*end) });
            }
            self.good.remove(key);
        }
        if let Some((why, end)) = self.bad.get(key) {
            if lives(*end, bounds.negative_ttl) {
                return Some(Verdict::Bad(why.clone()));
            }
            self.bad.remove(key);
        }
        None
    }
}

/// Ends a flight, however its task ends.
struct Landing<G, B>
where
    G: Clone + Send + Sync + 'static,
    B: Clone + Send + Sync + 'static,
{
    cache: Arc<KnownCache<G, B>>,
    key: KeyedHash,
}

impl<G, B> Drop for Landing<G, B>
where
    G: Clone + Send + Sync + 'static,
    B: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        self.cache.shard(&self.key).lock().flights.remove(&self.key);
    }
}

/// Nothing in it may be read.
impl<G, B> std::fmt::Debug for KnownCache<G, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownCache").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}
