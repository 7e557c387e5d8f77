//! What of a request decides where it goes.

use symbolon_core::cookie::{self, Found};

use super::hash::hash;
use crate::config::balancing::{HashBy, Policy};
use crate::stage::Outbound;

/// The hash of what the policy looks at; `None` where it looks at nothing, or the request has
/// none.
pub(super) fn key(policy: &Policy, outbound: &Outbound) -> Option<u64> {
    let Policy::ConsistentHash(by) = policy else { return None };
    let identified = outbound.permitted().identified();
    let clean = identified.admitted().matched().clean();
    match by {
        HashBy::Header(name) => clean.balancing_header(name).map(hash),
        HashBy::Cookie(name) => cookie_value(outbound, name).map(hash),
        HashBy::Principal => identified.identity().principal().map(|name| hash(name.as_bytes())),
        HashBy::Source => Some(hash(clean.source().as_str().as_bytes())),
    }
}

/// What the sticky cookie of a request says.
pub(super) fn mark<'a>(policy: &Policy, outbound: &'a Outbound) -> Option<&'a [u8]> {
    let Policy::Sticky { cookie } = policy else { return None };
    cookie_value(outbound, cookie)
}

fn cookie_value<'a>(outbound: &'a Outbound, name: &str) -> Option<&'a [u8]> {
    let clean = outbound.permitted().identified().admitted().matched().clean();
    match cookie::find(clean.fields().get_all("cookie"), name.as_bytes()) {
        Found::One(value) => Some(value),
        Found::None | Found::Several => None,
    }
}
