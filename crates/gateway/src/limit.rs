//! Who may come how often, how many at once, and from where.
//!
//! 1. What is counted lives in this process: each node of a cluster counts on its own.
//! 2. All memory is bounded, and what happens at the bound never lets anybody in who would not be
//!    let in otherwise.
//! 3. Counts survive a reload that leaves their rule as it was.

mod concurrency;
mod gcra;
mod keys;
mod quota;
mod rule;
mod sources;
mod state;
mod table;

pub(crate) use concurrency::Slot;
pub use keys::CountBy;
pub(crate) use quota::{Quota, dress, retry_after};
pub use rule::{RateLimit, RateLimitError};
pub use sources::Sources;
pub(crate) use state::LimitState;

/// What a route lets in; everything by default.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// From where.
    pub sources: Option<Sources>,
    /// How often.
    pub rate_limits: Vec<RateLimit>,
    /// How many at once.
    pub max_concurrent: Option<u32>,
}
