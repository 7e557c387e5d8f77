//! Tokens in whose place a browser got another one a moment ago.
//!
//! They open nothing. But a request that left before the new one had arrived still shows the old,
//! and if its refusal made the browser forget the cookie, that would be the new one: whoever sent
//! two requests at once would be logged out.

use std::time::Duration;

use hashbrown::HashMap;
use parking_lot::Mutex;
use symbolon_core::{Timestamp, TokenHash};

/// How long a request may be under way.
const LIFETIME: Duration = Duration::from_mins(1);
/// The most that are remembered; beyond that, browsers forget more than they need to.
const MAX_REPLACED: usize = 16_384;

/// What was replaced, and until when that matters.
#[derive(Default)]
pub(super) struct Replaced(Mutex<HashMap<TokenHash, Timestamp>>);

impl Replaced {
    /// Remembers a token.
    pub(super) fn add(&self, token: TokenHash, now: Timestamp) {
        let mut replaced = self.0.lock();
        if replaced.len() < MAX_REPLACED {
            replaced.insert(token, now.plus(LIFETIME));
        }
    }

    /// Whether a token is one of them.
    pub(super) fn has(&self, token: &TokenHash, now: Timestamp) -> bool {
        self.0.lock().get(token).is_some_and(|until| now < *until)
    }

    /// Forgets those that do not matter any more.
    pub(super) fn forget(&self, now: Timestamp) {
        let mut replaced = self.0.lock();
        replaced.retain(|_, until| now < *until);
        if replaced.is_empty() {
            replaced.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{NOW, sample};

    #[test]
    fn it_matters_for_a_minute_and_is_bounded() {
        let replaced = Replaced::default();
        let token = sample::token();
        replaced.add(token, NOW);
        let later = NOW.plus(LIFETIME);
        assert!(replaced.has(&token, NOW) && !replaced.has(&sample::token(), NOW));
        assert!(!replaced.has(&token, later));
        for _ in 0..MAX_REPLACED {
            replaced.add(sample::token(), NOW.plus(Duration::from_secs(1)));
        }
        assert_eq!(replaced.0.lock().len(), MAX_REPLACED);
        replaced.forget(later);
        assert_eq!(replaced.0.lock().len(), MAX_REPLACED - 1);
    }
}
