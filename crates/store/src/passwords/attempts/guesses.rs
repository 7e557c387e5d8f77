//! Wrong credentials that are no passwords: keys, signatures, those of tokens too, and tokens that
//! an authorization server does not know.
//!
//! They share the budget of their source with passwords. Nothing here waits, and what is asked
//! for every request with such a credential costs a look-up, or next to nothing while nobody has
//! failed.

use std::time::Duration;

use symbolon_core::throttle::{self, Source};

use super::Attempts;
use super::durable::Which;

impl Attempts {
    /// How long a source that failed too often has to wait; `None` where it may go on. To be asked
    /// before anything that is costly to check, and not before what is cheap: there a right
    /// credential passes whatever else came from its source.
    pub fn blocked(&self, source: Source) -> Option<Duration> {
        let counters = self.counters.lock();
        let pace = counters.sources.get(&source)?;
        throttle::blocked(pace, self.clock.now())
    }

    /// A credential from there was wrong. One that has merely run out is no guess.
    pub fn failed(&self, source: Source) {
        let now = self.clock.now();
        let mut counters = self.counters.lock();
        throttle::guessed(counters.sources.entry(&source), now);
        counters.change(Which::Source(source));
    }
}
