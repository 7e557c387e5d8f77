//! The decision, from clean to mint, without any proxying around it.
//!
//! The gateway asks it here; decision services and explanations ask the very same code.

use std::sync::Arc;

use http::request;
use symbolon_core::Timestamp;
use symbolon_store::Sessions;
use symbolon_store::keys::Keys;

use crate::config::Limits;
use crate::event::Event;
use crate::rejection::Rejection;
use crate::snapshot::Snapshot;
use crate::stage::{Clean, Ingress, Outbound};

/// What a decision is based on, besides the request.
pub(crate) struct Grounds<'a> {
    pub(crate) ingress: Ingress<'a>,
    pub(crate) limits: &'a Limits,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) keys: &'a Keys,
    pub(crate) now: Timestamp,
}

/// Decides on a request whose body has the announced length.
pub(crate) async fn decide(
    head: request::Parts,
    announced: Option<u64>,
    grounds: &Grounds<'_>,
    event: &mut Event,
) -> Result<Outbound, Rejection> {
    let clean = Clean::new(head, &grounds.ingress)?;
    event.cleaned(&clean);
    let matched = clean.matched(grounds.snapshot)?;
    event.matched(matched.route());
    let admitted = matched.admit(announced, grounds.limits)?;
    let identified = admitted.authenticate(grounds.sessions, grounds.snapshot, grounds.now).await?;
    event.identified(&identified);
    let permitted = identified.authorize()?;
    event.permitted(&permitted);
    permitted.mint(grounds.keys, grounds.now)
}
