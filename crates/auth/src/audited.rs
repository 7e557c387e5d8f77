//! What this service writes down: who did what by a page, and which log-ins failed.

use std::net::IpAddr;

use symbolon_core::SubjectId;
use symbolon_core::audit::{Actor, By, Kind, Outcome};
use symbolon_store::audit::Observation;

use crate::service::Service;

/// A person who does something by a page.
pub(crate) fn by(service: &Service, subject: &SubjectId, source: Option<IpAddr>) -> By {
    By::new(Actor::Subject(subject.clone()), source, service.clock.now())
}

/// Notes a log-in, or another question for a password, that did not succeed. `account` is the
/// account of the typed name, where there is one: the name itself may be a password in the wrong
/// field.
pub(crate) fn refused(
    service: &Service,
    kind: Kind,
    account: Option<&SubjectId>,
    source: Option<IpAddr>,
) {
    let observation = Observation {
        kind,
        outcome: Outcome::Failure,
        route: None,
        subject: account.map(SubjectId::as_str),
        client: None,
        authenticator: None,
        credential: None,
        source,
        reason: None,
        failure: None,
        status: None,
    };
    service.observer.observe(&observation, service.clock.now());
}
