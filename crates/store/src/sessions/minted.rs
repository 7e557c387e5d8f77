//! The internal tokens of one session that may be used again, one per audience.
//!
//! A set belongs to one generation of one session: a changed session is a new
//! [`LiveSession`](super::LiveSession) with an empty set, so no token outlives the facts in it.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use symbolon_core::Timestamp;

/// The most audiences whose tokens one session keeps.
pub const MAX_MINTED: usize = 16;

/// Internal tokens to be used again until shortly before they expire.
///
/// Most sessions call one service or two, and many none: a slice has no spare room.
#[derive(Default)]
pub struct MintedTokens(Mutex<Box<[Minted]>>);

struct Minted {
    audience: Arc<str>,
    ring_revision: u64,
    reuse_until: Timestamp,
    token: Arc<str>,
}

impl MintedTokens {
    /// The token for an audience, signed by this revision of the key ring, if it may still be
    /// used at `now`.
    pub fn get(&self, audience: &str, ring_revision: u64, now: Timestamp) -> Option<Arc<str>> {
        let minted = self.0.lock();
        minted
            .iter()
            .find(|minted| *minted.audience == *audience)
            .filter(|minted| minted.ring_revision == ring_revision && now < minted.reuse_until)
            .map(|minted| minted.token.clone())
    }

    /// Keeps a token, in the place of the one for the same audience; when there are
    /// [`MAX_MINTED`] others, in the place of the one that would have been given up first.
    pub fn put(
        &self,
        audience: Arc<str>,
        ring_revision: u64,
        reuse_until: Timestamp,
        token: Arc<str>,
    ) {
        let fresh = Minted { audience, ring_revision, reuse_until, token };
        let mut minted = self.0.lock();
        if let Some(same) = minted.iter_mut().find(|old| old.audience == fresh.audience) {
            *same = fresh;
        } else if minted.len() < MAX_MINTED {
            *minted = std::mem::take(&mut *minted).into_iter().chain([fresh]).collect();
        } else if let Some(oldest) = minted.iter_mut().min_by_key(|old| old.reuse_until) {
            *oldest = fresh;
        }
    }

    /// Gives back the memory of tokens that may not be used any more.
    pub(super) fn forget_expired(&self, now: Timestamp) {
        let mut minted = self.0.lock();
        if minted.iter().any(|minted| minted.reuse_until <= now) {
            let kept = std::mem::take(&mut *minted).into_iter();
            *minted = kept.filter(|minted| now < minted.reuse_until).collect();
        }
    }
}

/// An internal token is a credential: how many there are is all that is told.
impl fmt::Debug for MintedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MintedTokens({})", self.0.lock().len())
    }
}
