//! What the audit log is told of a request.
//!
//! 1. A refusal with 401, 403 or 429, whoever was refused. Where a password was wrong, whose it
//!    would have been; never a name that is nobody's.
//! 2. A request that was let in by a credential of its own: each of them is an authentication.
//!    Those of a session are not told: the log-in was, and so is the end.

use http::StatusCode;
use symbolon_core::ClientId;
use symbolon_core::audit::{Kind, Outcome};
use symbolon_store::audit::Observation;

use super::Event;
use crate::authenticator::Whose;
use crate::rejection::{Reason, Rejection};
use crate::stage::Clean;

/// Tells of a request that has ended.
pub(super) fn tell(event: &Event) {
    let known = event.identity.known();
    let rejection = event.rejection.as_ref().filter(|_| is_told(event));
    let (kind, outcome) = match rejection {
        Some(rejection) => (Kind::Refused, outcome_of(rejection)),
        None if known.is_some() => (Kind::Authenticated, Outcome::Success),
        None => return,
    };
    let failed = rejection.and_then(|rejection| match &rejection.reason {
        Reason::BadCredentials(said) => said.failed.as_ref(),
        _ => None,
    });
    let authenticator = failed.map(|failed| &*failed.authenticator);
    let whose = failed.and_then(|failed| failed.failure.whose.as_ref());
    let (account, client, credential) = match whose {
        Some(Whose::Account(account)) => (Some(account.as_str()), None, None),
        Some(Whose::Client { client, credential }) => {
            (None, Some(client.as_str()), Some(&**credential))
        }
        None => (None, None, None),
    };
    let source = event.clean.as_deref().map_or(event.peer, |clean| Clean::source(clean).ip());
    let observation = Observation {
        kind,
        outcome,
        route: event.route.as_ref().map(|bound| &*bound.route.name),
        subject: account.or_else(|| event.identity.subject()),
        client: client.or_else(|| event.identity.client().map(ClientId::as_str)),
        authenticator: authenticator.or_else(|| event.identity.authenticator()),
        credential: credential.or_else(|| known.and_then(|known| known.credential.as_deref())),
        source: Some(source),
        reason: rejection.map(Rejection::code),
        failure: failed.map(|failed| failed.failure.code),
        status: rejection.and(event.status).map(|status| status.as_u16()),
    };
    event.metrics.observer.observe(&observation, event.at);
}

fn is_told(event: &Event) -> bool {
    let told = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
    event.status.is_some_and(|status| told.contains(&status))
}

fn outcome_of(rejection: &Rejection) -> Outcome {
    match rejection.reason {
        Reason::BadCredentials(_) => Outcome::Failure,
        _ => Outcome::Refused,
    }
}
