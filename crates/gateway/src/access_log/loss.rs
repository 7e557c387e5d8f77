//! Lines that are lost: all are counted, and the log says so now and then.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;

use crate::seldom::Seldom;

/// The shortest time between two warnings.
const WARN_EVERY: Duration = Duration::from_secs(10);

/// Counts and tells; copies are the same one.
#[derive(Clone, Debug)]
pub(super) struct Loss {
    counter: Counter,
    warnings: Arc<Seldom>,
}

impl Default for Loss {
    fn default() -> Self {
        Self { counter: Counter::default(), warnings: Arc::new(Seldom::new(WARN_EVERY)) }
    }
}

impl Loss {
    pub(super) fn counter(&self) -> &Counter {
        &self.counter
    }

    /// These lines are lost.
    pub(super) fn of(&self, lines: &str, reason: &str) {
        let lost = lines.bytes().filter(|byte| *byte == b'\n').count() as u64;
        self.counter.inc_by(lost);
        if let Some(lines) = self.warnings.tell_of(lost) {
            tracing::warn!(lines, reason, "lines of the access log are lost");
        }
    }
}
