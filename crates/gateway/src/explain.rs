//! Why a request would be let in or not: the decision that the gateway takes, taken once more with
//! somebody watching.
//!
//! 1. It is the very same code ([`decide`]), so that an explanation cannot differ from what happens.
//! 2. Nothing is left behind: no session is touched, nothing is counted, no nonce is used up, no
//!    stored password is tried, and no internal token is made that anybody keeps. Only a wrong
//!    password of a client in the file is charged as the guess that it may be.
//! 3. What was shown (cookies, headers, the query) is not repeated.

mod question;
mod watching;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::authenticator::BoundChain;
use crate::decide::{Decision, Grounds, decide};
use crate::downstream::Downstream;
use crate::rejection::Rejection;
use crate::serving;
use crate::stage::{Ingress, Outbound};
use crate::worker::Shared;
use watching::Watching;

pub use question::{Question, QuestionError};

/// Explains a request to a running or a resting gateway.
pub(crate) async fn explain(shared: &Shared, question: Question) -> Result<Value, QuestionError> {
    let snapshot = shared.snapshot.load_full();
    let config = &shared.config;
    let (head, downstream) = question.pose(config, &snapshot.authority)?;
    let grounds = Grounds {
        ingress: Ingress {
            peer: &downstream.source,
            scheme: downstream.scheme(snapshot.scheme),
            limits: &config.limits,
            session_cookie: &shared.session_cookie,
            trusted_proxies: &snapshot.trusted_proxies,
            identity_headers: &snapshot.identity_headers,
            set_aside: &snapshot.set_aside,
        },
        downstream: &downstream,
        listeners: &config.listeners,
        limits: &config.limits,
        snapshot: &snapshot,
        sessions: &shared.sessions,
        replays: &shared.replays,
        passwords: &shared.passwords,
        clients: &shared.clients,
        keys: &shared.keys,
        now: shared.clock.now(),
        is_dry: true,
    };
    let mut watching = Watching::default();
    let outcome = match serving::judge(&head, &config.limits) {
        Ok(announced) => decide(head, announced, &grounds, &mut watching).await,
        Err(rejection) => Err(rejection),
    };
    Ok(told(&watching, outcome, &downstream))
}

/// What the watcher saw, and what came of it.
fn told(
    watching: &Watching,
    outcome: Result<Decision, Rejection>,
    downstream: &Downstream,
) -> Value {
    let mut told = json!({
        "source": downstream.source.as_str(),
        "request": watching.request(),
        "route": watching.route_name(),
        "authenticators": watching.authenticators(),
        "identity": watching.identity(),
        "rules": watching.rules(),
    });
    let verdict = match outcome {
        Ok(Decision::Forward(outbound)) => forwarded(&outbound),
        Ok(Decision::Answer(answer)) => {
            json!({ "decision": "answer", "status": answer.status().as_u16() })
        }
        Err(rejection) => refused(&rejection),
    };
    if let (Value::Object(told), Value::Object(verdict)) = (&mut told, verdict) {
        told.extend(verdict);
    }
    told
}

fn forwarded(outbound: &Outbound) -> Value {
    let permitted = outbound.permitted();
    let service = &permitted.identified().admitted().matched().route().service.service;
    json!({
        "decision": "forward",
        "rule": permitted.rule().as_str(),
        "service": &*service.name,
        "audience": outbound.internal_token().map(|_| &*service.audience),
        "target": outbound.permitted().identified().admitted().matched().path(),
    })
}

fn refused(rejection: &Rejection) -> Value {
    json!({
        "decision": "refuse",
        "status": rejection.status().as_u16(),
        "code": rejection.code(),
        "rule": rejection.rule.as_ref().map(symbolon_core::policy::Rule::as_str),
        "detail": &*rejection.detail,
        "authenticator": rejection.reason.failed().map(|failed| &*failed.authenticator),
        "reason": rejection.reason.failed().map(|failed| failed.failure.code),
    })
}

/// The names of a chain as it stands in the configuration.
fn shape(chain: &BoundChain) -> Value {
    match chain {
        BoundChain::One(one) => json!(&**one.name()),
        BoundChain::Any(chains) => json!({ "any": chains.iter().map(shape).collect::<Vec<_>>() }),
        BoundChain::All(chains) => json!({ "all": chains.iter().map(shape).collect::<Vec<_>>() }),
    }
}

/// Somebody's name, where there is somebody.
fn name(name: Option<&Arc<str>>) -> Value {
    name.map_or(Value::Null, |name| json!(&**name))
}
