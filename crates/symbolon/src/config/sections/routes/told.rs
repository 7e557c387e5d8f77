//! Headers that tell some service who calls: `identity_headers`, and what an authenticator `forward`
//! passes on. They are taken out of every request before anything looks at it, so nothing may ask
//! for them: a condition that is never met would leave its requests to a less strict route.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::HeaderName;
use symbolon_gateway::config::{Authenticator, AuthenticatorKind, Route, Service};

use super::{SECTION, rate_limit};
use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::yaml::Place;

/// Who tells it, by the header.
type Tellers<'a> = HashMap<&'a HeaderName, String>;

/// Reports every route, and every policy, that asks for such a header.
pub(in super::super) fn check(
    root: Fields<'_>,
    services: &[Service],
    routes: &[Route],
    mistakes: &mut Mistakes,
) {
    check_policies(root, routes, mistakes);
    let tellers = tellers(services, routes);
    if tellers.is_empty() {
        return;
    }
    let mut check = |name: &str, place: Place, key: &str| {
        let name = HeaderName::try_from(name).ok();
        let Some((name, teller)) = name.and_then(|name| tellers.get_key_value(&name)) else {
            return;
        };
        let message = format!(
            "`{key}`: `{name}` is refused: it is removed from every request, because {teller} has it"
        );
        let hint = Some("a header that callers may send needs another name".to_owned());
        mistakes.push(Mistake::new(place, message).hint(hint));
    };
    for route in root.list("routes").iter().map(|node| Fields::new(node, &SECTION)) {
        for (name, _) in route.entries("headers") {
            check(&name.text, name.place, "headers");
        }
        for node in rate_limit::headers(route) {
            check(node.scalar().unwrap_or_default(), node.place, "header");
        }
    }
    for node in root.section("policies").iter().flat_map(|policies| policies.list("headers")) {
        check(node.scalar().unwrap_or_default(), node.place, "headers");
    }
}

/// Reports every header of a credential that policies would look at: what is hidden from services
/// is none of theirs, and stands in no policy.
fn check_policies(root: Fields<'_>, routes: &[Route], mistakes: &mut Mistakes) {
    let nodes = root.section("policies").map_or(&[][..], |policies| policies.list("headers"));
    if nodes.is_empty() {
        return;
    }
    let authenticators: Vec<_> =
        routes.iter().flat_map(|route| route.authenticate.authenticators()).collect();
    for node in nodes {
        let Ok(name) = HeaderName::try_from(node.scalar().unwrap_or_default()) else { continue };
        // What those outside say is reported as such.
        let takes = |one: &&&Arc<Authenticator>| {
            !matches!(one.kind, AuthenticatorKind::Forward(_))
                && one.hidden_places().headers.contains(&name)
        };
        if let Some(one) = authenticators.iter().find(takes) {
            let message = format!(
                "`headers`: `{name}` is refused: authenticator `{}` takes a credential from it",
                one.name
            );
            mistakes.add(node.place, message);
        }
    }
}

fn tellers<'a>(services: &'a [Service], routes: &'a [Route]) -> Tellers<'a> {
    let mut tellers = Tellers::new();
    for service in services {
        let teller = || format!("`identity_headers` of service `{}`", service.name);
        tellers.extend(service.identity_headers.names().map(|name| (name, teller())));
    }
    for one in routes.iter().flat_map(|route| route.authenticate.authenticators()) {
        if let AuthenticatorKind::Forward(forward) = &one.kind {
            let teller = || format!("what authenticator `{}` says", one.name);
            tellers.extend(forward.says().map(|name| (name, teller())));
        }
    }
    tellers
}
