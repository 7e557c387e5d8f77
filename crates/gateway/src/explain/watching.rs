//! Notes what each stage found.

use std::sync::Arc;

use serde_json::{Value, json};
use symbolon_core::{ClientId, Role};

use super::{name, shape};
use crate::authenticator::{Answer, BoundAuthenticator};
use crate::bound_route::BoundRoute;
use crate::progress::Progress;
use crate::stage::{Admitted, Clean, Identified, Identity, Permitted};

/// What was seen so far.
#[derive(Default)]
pub(super) struct Watching {
    clean: Option<Arc<Clean>>,
    route: Option<Arc<BoundRoute>>,
    asked: Vec<(Arc<str>, Value)>,
    identity: Option<Identity>,
    rules: Vec<Value>,
}

impl Progress for Watching {
    fn cleaned(&mut self, clean: &Arc<Clean>) {
        self.clean = Some(Arc::clone(clean));
    }

    fn matched(&mut self, route: &Arc<BoundRoute>) {
        self.route = Some(Arc::clone(route));
    }

    fn admitted(&mut self, _admitted: &Admitted) {}

    fn asked(&mut self, authenticator: &BoundAuthenticator, answer: &Answer) {
        let told = match answer {
            Answer::NotOffered => json!({ "answer": "not_offered" }),
            Answer::Authenticated(identity) => {
                json!({ "answer": "authenticated", "principal": identity.principal() })
            }
            Answer::Failed(failure) => json!({
                "answer": "failed",
                "reason": failure.code,
                "detail": &*failure.detail,
            }),
            Answer::Unavailable(why) => json!({ "answer": "unavailable", "detail": why }),
            Answer::Throttled(_) => json!({ "answer": "throttled" }),
        };
        self.asked.push((Arc::clone(authenticator.name()), told));
    }

    fn identified(&mut self, identified: &Identified) {
        self.identity = Some(identified.identity().clone());
    }

    fn considered(&mut self, rule: &str, unmet: Option<&str>) {
        self.rules.push(json!({ "rule": rule, "met": unmet.is_none(), "why": unmet }));
    }

    fn permitted(&mut self, _permitted: &Permitted) {}

    fn wants_rules(&self) -> bool {
        true
    }
}

impl Watching {
    pub(super) fn request(&self) -> Value {
        let Some(clean) = &self.clean else { return Value::Null };
        json!({ "method": clean.method().as_str(), "host": clean.host(), "path": clean.path() })
    }

    pub(super) fn route_name(&self) -> Value {
        name(self.route.as_ref().map(|bound| &bound.route.name))
    }

    /// The chain, and what each that was asked said; who was not asked was not needed.
    pub(super) fn authenticators(&self) -> Value {
        let Some(guard) = self.route.as_ref().and_then(|bound| bound.guard()) else {
            return Value::Null;
        };
        let told = |(name, told): &(Arc<str>, Value)| {
            let mut told = told.clone();
            if let Some(told) = told.as_object_mut() {
                told.insert("name".to_owned(), json!(&**name));
            }
            told
        };
        let mut all: Vec<Value> = self.asked.iter().map(told).collect();
        for one in guard.chain.authenticators() {
            if !self.asked.iter().any(|(name, _)| name == one.name()) {
                all.push(json!({ "name": &**one.name(), "answer": "not_asked" }));
            }
        }
        json!({ "chain": shape(&guard.chain), "optional": guard.optional, "asked": all })
    }

    pub(super) fn identity(&self) -> Value {
        let Some(identity) = self.identity.as_ref() else { return Value::Null };
        json!({
            "principal": identity.principal(),
            "subject": identity.subject(),
            "client": identity.client().map(ClientId::as_str),
            "authenticator": identity.authenticator(),
            "roles": identity.roles().iter().map(Role::as_str).collect::<Vec<_>>(),
            "groups": identity.groups(),
            "scopes": identity.scopes(),
        })
    }

    pub(super) fn rules(&self) -> &[Value] {
        &self.rules
    }
}
