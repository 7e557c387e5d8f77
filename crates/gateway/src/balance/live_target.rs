//! One target and what is known of it: the same for all workers, kept over reloads.

use std::sync::Arc;

use super::hash::hash;
use super::load::Load;
use super::standing::Standing;

/// A target as it is right now.
#[derive(Debug)]
pub(crate) struct LiveTarget {
    /// `HOST:PORT`, as connections are opened to it.
    pub(crate) authority: Arc<str>,
    /// Under which name its connections are kept: services with bounds of their own share none.
    pub(crate) pool_key: Arc<str>,
    /// Whether it gets requests.
    pub(super) standing: Standing,
    /// How much it has to do.
    pub(super) load: Load,
    /// Of the authority, for consistent hashing.
    pub(super) seed: u64,
    /// What a sticky cookie says of it.
    pub(super) mark: Box<str>,
}

impl LiveTarget {
    pub(super) fn new(authority: &Arc<str>, service: &str, mark: String) -> Arc<Self> {
        Arc::new(Self {
            authority: Arc::clone(authority),
            pool_key: format!("{service} {authority}").into(),
            standing: Standing::default(),
            load: Load::default(),
            seed: hash(authority.as_bytes()),
            mark: mark.into(),
        })
    }
}
