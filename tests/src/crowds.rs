//! Crowds of slow clients, each holding what it has for as long as it may: somebody who is not slow
//! is served as ever, and what one of them costs is bounded (docs/limits.md).
//!
//! `SYMBOLON_CROWD` says how many (10,000 for the record, as far as descriptors allow). Times are
//! told, not judged: they depend on what else the machine does.

mod crowd;
mod kind;
pub(crate) mod pace;
mod slow;
