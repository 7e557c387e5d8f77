//! Whether every authenticator of a route can ever be asked.
//!
//! Of *any*, the first that is offered a credential decides. So whatever stands behind one that
//! decides on every request is never asked, nor is what looks only where another one has looked
//! before: a directory behind `basic`, on the same scheme. That is refused, since whoever wrote it
//! counts on it.
//!
//! What shares `Authorization: Bearer` by the form of the token stays: `bearer`, `jwt` and
//! `introspection` beside each other.

use std::sync::Arc;

use symbolon_core::http_signature::Form;
use symbolon_gateway::config::authenticators::ldap::Scheme;
use symbolon_gateway::config::{Authenticator, AuthenticatorKind, Chain};

use super::SECTION;
use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::yaml::{Node, Value};

/// Somewhere in a request that one authenticator looks at and takes whatever stands there.
#[derive(Clone, PartialEq)]
enum Spot {
    Header(String),
    Query(Arc<str>),
    Cookie(Arc<str>),
    Scheme(Scheme),
    Signature(Form),
    /// A token in `Authorization: Bearer` of the form that this kind takes.
    Token(&'static str),
    Handshake,
    ClientCert,
}

/// What has been looked at before.
#[derive(Clone, Default)]
struct Before {
    taken: Vec<(Spot, Arc<str>)>,
    decided: Option<Arc<str>>,
}

/// Reports what is never asked.
pub(super) fn check(node: &Node, chain: &Chain, mistakes: &mut Mistakes) {
    walk(node, chain, &Before::default(), mistakes);
}

/// An authenticator that decides on every request, if there is one, whatever else the chain has.
pub(super) fn decides(chain: &Chain) -> Option<&Arc<Authenticator>> {
    match chain {
        Chain::One(one) => one.kind.is_unprompted().then_some(one),
        Chain::Any(chains) => chains.iter().find_map(decides),
        Chain::All(_) if chain.is_unprompted() => chain.authenticators().into_iter().next(),
        // Those that need no credential wait for the others.
        Chain::All(chains) => {
            chains.iter().filter(|chain| !chain.is_unprompted()).find_map(decides)
        }
    }
}

fn walk(node: &Node, chain: &Chain, before: &Before, mistakes: &mut Mistakes) {
    match chain {
        Chain::One(one) => {
            let spots = spots(&one.kind);
            let takers = spots.iter().map(|spot| before.taken.iter().find(|(own, _)| own == spot));
            let takers: Option<Vec<_>> = takers.collect();
            if let Some((_, taker)) = takers.as_deref().and_then(<[_]>::first) {
                let why = format!("`{taker}` before it takes all that it looks at");
                never(node, &one.name, &why, hint_of(&one.kind), mistakes);
            }
        }
        Chain::All(chains) => {
            for (node, chain) in below(node).iter().zip(chains) {
                walk(node, chain, before, mistakes);
            }
        }
        Chain::Any(chains) => {
            let mut before = before.clone();
            for (node, chain) in below(node).iter().zip(chains) {
                if let (Some(decided), Some(one)) = (&before.decided, first(chain)) {
                    let why = format!("`{decided}` before it decides on every request");
                    let hint = format!("put `{decided}` last, or ask for both with `all`");
                    never(node, &one.name, &why, hint, mistakes);
                    continue;
                }
                walk(node, chain, &before, mistakes);
                before.decided = decides(chain).map(|one| Arc::clone(&one.name));
                for one in chain.authenticators() {
                    let spots = spots(&one.kind).into_iter();
                    before.taken.extend(spots.map(|spot| (spot, Arc::clone(&one.name))));
                }
            }
        }
    }
}

fn never(node: &Node, name: &str, why: &str, hint: String, mistakes: &mut Mistakes) {
    let message = format!("`{name}` is never asked: {why}");
    mistakes.push(Mistake::new(node.place, message).hint(Some(hint)));
}

fn hint_of(kind: &AuthenticatorKind) -> String {
    match kind {
        AuthenticatorKind::Jwt(_) => "one `jwt` takes tokens of all its `issuers`".to_owned(),
        _ => "of several, the first that is offered a credential decides".to_owned(),
    }
}

fn first(chain: &Chain) -> Option<&Arc<Authenticator>> {
    chain.authenticators().into_iter().next()
}

/// The elements of a list, or of what stands under `any` or `all`.
fn below(node: &Node) -> &[Node] {
    match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::new(node, &SECTION);
            fields.get("any").or_else(|| fields.get("all")).map_or(&[], fields::items)
        }
        _ => fields::items(node),
    }
}

/// Where an authenticator looks; nowhere for one that shares its place with others or needs none.
fn spots(kind: &AuthenticatorKind) -> Vec<Spot> {
    let header = |name: &dyn std::fmt::Display| Spot::Header(name.to_string());
    match kind {
        AuthenticatorKind::Session | AuthenticatorKind::Bearer | AuthenticatorKind::Forward(_) => {
            Vec::new()
        }
        AuthenticatorKind::ApiKey(key) => {
            let headers = key.header.iter().map(|name| header(name));
            let query = key.query.iter().cloned().map(Spot::Query);
            headers.chain(query).chain(key.cookie.iter().cloned().map(Spot::Cookie)).collect()
        }
        AuthenticatorKind::Jwt(jwt) => {
            let bearer = jwt.authorization.then_some(Spot::Token("jwt")).into_iter();
            let headers = jwt.header.iter().map(|name| header(name));
            let query = jwt.query.iter().cloned().map(Spot::Query);
            let cookies = jwt.cookie.iter().cloned().map(Spot::Cookie);
            bearer.chain(headers).chain(query).chain(cookies).collect()
        }
        AuthenticatorKind::Introspection(one) => {
            vec![one.header.as_ref().map_or(Spot::Token("introspection"), |name| header(name))]
        }
        AuthenticatorKind::Hmac(hmac) => {
            hmac.policy.forms.iter().copied().map(Spot::Signature).collect()
        }
        AuthenticatorKind::Basic(_) => vec![Spot::Scheme(Scheme::Basic)],
        AuthenticatorKind::Ldap(ldap) => ldap.schemes.iter().copied().map(Spot::Scheme).collect(),
        AuthenticatorKind::Mtls(mtls) if mtls.from_proxies => vec![Spot::ClientCert],
        AuthenticatorKind::Mtls(_) => vec![Spot::Handshake],
    }
}
