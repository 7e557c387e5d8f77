//! The decision, from clean to mint, without any proxying around it.
//!
//! The gateway asks it here; decision services and explanations ask the very same code.

use std::sync::Arc;

use http::Response;
use symbolon_core::Timestamp;
use symbolon_store::keys::Keys;
use symbolon_store::{Clients, Passwords, Sessions};

use crate::body::GatewayBody;
use crate::config::{Limits, Listener};
use crate::downstream::Downstream;
use crate::head::Head;
use crate::progress::Progress;
use crate::rejection::{Reason, Rejection};
use crate::replay::Replays;
use crate::snapshot::Snapshot;
use crate::stage::{Admitted, Clean, Ingress, Outbound, Permitted};

/// What a decision is based on, besides the request.
pub(crate) struct Grounds<'a> {
    pub(crate) ingress: Ingress<'a>,
    pub(crate) downstream: &'a Downstream,
    pub(crate) listeners: &'a [Listener],
    pub(crate) limits: &'a Limits,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) passwords: &'a Passwords,
    /// Clients that were registered while the system runs.
    pub(crate) clients: &'a Clients,
    pub(crate) keys: &'a Keys,
    /// Signatures that were used.
    pub(crate) replays: &'a Replays,
    pub(crate) now: Timestamp,
    /// Whether the request is only explained: nothing is counted, remembered or used up.
    pub(crate) is_dry: bool,
}

/// What becomes of a request that is not refused.
pub(crate) enum Decision {
    /// It goes to the service.
    Forward(Outbound),
    /// It is answered here.
    Answer(Response<GatewayBody>),
}

/// Decides on a request whose body has the announced length.
pub(crate) async fn decide(
    head: Head,
    announced: Option<u64>,
    grounds: &Grounds<'_>,
    progress: &mut dyn Progress,
) -> Result<Decision, Rejection> {
    let clean = Clean::new(head, &grounds.ingress)?;
    progress.cleaned(&clean);
    check_direction(&clean, grounds)?;
    let matched = clean.matched(grounds.snapshot)?;
    progress.matched(matched.route());
    let admitted = matched.admit(announced, grounds)?;
    progress.admitted(&admitted);
    if admitted.matched().is_preflight() {
        return answer_preflight(&admitted).map(Decision::Answer);
    }
    let identified = admitted.authenticate(grounds, progress).await?;
    progress.identified(&identified);
    let permitted = identified.authorize(grounds, progress)?;
    progress.permitted(&permitted);
    if let Some(answer) = own_answer(&permitted)? {
        return Ok(Decision::Answer(answer));
    }
    permitted.mint(grounds).map(Decision::Forward)
}

/// Refuses what belongs on a connection that was made for another name, where other things may be
/// asked of clients.
fn check_direction(clean: &Clean, grounds: &Grounds<'_>) -> Result<(), Rejection> {
    let Downstream { listener, asked_for: Some(asked_for), .. } = grounds.downstream else {
        return Ok(());
    };
    if asked_for.is_misdirected(clean.host(), listener, grounds.listeners) {
        return Err(Rejection::new(Reason::Misdirected, "the host of another certificate"));
    }
    Ok(())
}

/// What a page of another origin may do, told before anybody is authenticated: browsers send no
/// credentials with the question.
fn answer_preflight(admitted: &Admitted) -> Result<Response<GatewayBody>, Rejection> {
    let matched = admitted.matched();
    match &matched.route().actions().cors {
        Some(cors) if cors.admits(matched.clean().fields()) => Ok(cors.answer_preflight()),
        _ => Err(Rejection::new(Reason::OriginDenied, "cors")),
    }
}

/// The answer of a route that leads to no service.
fn own_answer(permitted: &Permitted) -> Result<Option<Response<GatewayBody>>, Rejection> {
    let matched = permitted.identified().admitted().matched();
    let Some(answer) = &matched.route().actions().answer else { return Ok(None) };
    match answer.to(matched.clean().path(), matched.query()) {
        Ok(response) => Ok(Some(response.map(GatewayBody::full))),
        Err(error) => Err(Rejection::new(Reason::Malformed, error.to_string())),
    }
}
