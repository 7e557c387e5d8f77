//! Something that may happen often and is told seldom, with how often it went untold.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Lets one telling through in a while.
#[derive(Debug)]
pub(crate) struct Seldom {
    every: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    told: Option<Instant>,
    untold: u64,
}

impl Seldom {
    /// At most one in this time.
    pub(crate) fn new(every: Duration) -> Self {
        Self { every, state: Mutex::default() }
    }

    /// It has happened: how much went untold before, where it is time to tell.
    pub(crate) fn tell(&self) -> Option<u64> {
        self.tell_of(1).map(|all| all - 1)
    }

    /// It has happened so many times: how many that makes since the last telling, these included,
    /// where it is time to tell.
    pub(crate) fn tell_of(&self, count: u64) -> Option<u64> {
        let mut state = self.state.lock();
        state.untold += count;
        if state.told.is_some_and(|at| at.elapsed() < self.every) {
            return None;
        }
        state.told = Some(Instant::now());
        Some(std::mem::take(&mut state.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_in_a_while_is_told_and_none_is_forgotten() {
        let seldom = Seldom::new(Duration::from_secs(1));
        assert_eq!(seldom.tell(), Some(0));
        assert_eq!((seldom.tell(), seldom.tell()), (None, None));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(seldom.tell(), Some(2));
        assert_eq!(seldom.tell_of(5), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(seldom.tell_of(5), Some(10));
    }
}
