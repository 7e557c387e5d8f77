//! The audit log: what was done is written down in the transaction that does it; what was only
//! seen is gathered, counted and written soon after.
//!
//! 1. A change and its record are one: whatever was acknowledged has its record, and a record of
//!    a change that did not come about there is not. The verbs of [`CoreStore`] take the record
//!    along; a back-end appends it to the chain of [`symbolon_core::audit`].
//! 2. Sessions live in another file. The record of a log-in is written before the session: after
//!    a crash in between, the log has a log-in whose token nobody was given. It overstates, and
//!    never understates. The end of a session is recorded with its revocation, in one transaction.
//! 3. What is seen of requests ([`Observer`]) never waits for the store. Equal ones within a
//!    second are one record with a count; more than [`OBSERVATIONS_PER_SECOND`] different ones in
//!    a second are counted, and their number is recorded.
//!
//! [`CoreStore`]: crate::CoreStore

mod observer;
mod upkeep;

pub use observer::{OBSERVATIONS_PER_SECOND, Observation, Observer};
pub use symbolon_core::audit::{Actor, Broken, By, Chain, Cut, Entry, Hash, Kind, Outcome, Record};
pub use upkeep::Upkeep;

/// Some entries in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// Up to where the beginning was removed.
    pub cut: Option<Cut>,
    /// The entries, in order.
    pub entries: Vec<Entry>,
}
