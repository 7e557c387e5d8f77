//! Microseconds since the gateway was made: a time that fits in one atomic.

use tokio::time::Instant;

/// What live state keeps its times in; never 0, which stands for "not at all".
pub(crate) type Micros = u64;

/// Where the count begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epoch(Instant);

impl Epoch {
    /// Begins now.
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    /// The time now.
    pub(super) fn now(self) -> Micros {
        micros(self.0.elapsed()).saturating_add(1)
    }
}

/// A span in the same unit.
pub(super) fn micros(span: std::time::Duration) -> Micros {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
