//! Crowds of slow clients, each holding what it has for as long as it may: somebody who is not slow
//! is served as ever, and what one of them costs is bounded (docs/limits.md).
//!
//! `SYMBOLON_CROWD` says how many (10,000 for the record; where each needs two descriptors of the
//! gateway, as far as those allow). Times are
//! told, not judged: they depend on what else the machine does.

mod crowd;
mod kind;
mod many;
pub(crate) mod pace;
mod slow;
