//! `forward`: an HTTP service outside says whether a request may pass, and who it is.
//!
//! 1. Exact lists: what goes out, what the service gets of the answer, what the caller gets of a
//!    refusal. A header that the service gets from here it gets from nobody else: what the client
//!    sent under its name is removed, whether the answer has it or not (CVE-2026-39998).
//! 2. Yes and no are what the form of the question says. Whatever else is answered, or not
//!    answered in time, is a 503.
//! 3. No body goes out.

pub(crate) mod judged;
mod opa;
mod question;
mod reply;

use std::sync::Arc;

use http::header::{self, HeaderName, HeaderValue};
use symbolon_core::{OsRandom, cookie};
use symbolon_store::Known;

use super::http_client::{HttpClient, Question};
use super::known_cache::{Bounds, KnownCache, Verdict};
use super::outside::Outside;
use super::own::has_own;
use super::{Asked, Failure, Found, Refusal};
use crate::config::authenticators::forward::{Form, Forward};
use crate::hidden::Withheld;
use judged::{Allowed, Judged};
use question::Seen;

/// A service outside with what it said lately.
pub(crate) struct Service {
    name: Arc<str>,
    settings: Arc<Forward>,
    client: HttpClient,
    known: Arc<KnownCache<Arc<Known>, Arc<Refusal>>>,
}

impl Service {
    pub(super) fn new(name: &Arc<str>, settings: &Forward, outside: &Arc<Outside>) -> Self {
        // A no is asked for again each time: whoever it was said to may have logged in meanwhile.
        let bounds = Bounds {
            entries: settings.cache_entries,
            ttl: settings.cache,
            negative_ttl: std::time::Duration::ZERO,
        };
        Self {
            name: Arc::clone(name),
            client: HttpClient::new(settings.endpoint.clone(), Arc::clone(outside)),
            known: KnownCache::new(bounds, &OsRandom),
            settings: Arc::new(settings.clone()),
        }
    }

    pub(super) async fn ask(&self, asked: &Asked<'_>) -> Found {
        let target = asked.matched.asked_target();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&*target, None),
        };
        let seen = Seen {
            method: asked.clean.method(),
            scheme: asked.public_scheme,
            host: asked.clean.authority(),
            target: &target,
            path,
            query,
            source: asked.clean.source().ip(),
            route: &asked.matched.route().route.name,
            headers: self.listed(asked),
        };
        let pending = || self.pending(question::about(&seen, &self.settings));
        let verdict = if self.settings.cache.is_zero() || asked.is_dry {
            pending().answer().await
        } else {
            let first = pending();
            let key = self.known.key(&question::parts(&first.question));
            let mut is_asked = false;
            let ask = || {
                is_asked = true;
                first.answer()
            };
            match self.known.get_or_ask(key, asked.now, ask).await {
                // A no is for the one who was told it: it may have a cookie or a state for them.
                Verdict::Bad(_) if !is_asked => pending().answer().await,
                verdict => verdict,
            }
        };
        match verdict {
            Verdict::Good { value, .. } => Found::Known(value),
            Verdict::Bad(refusal) => Failure::elsewhere(without_our_cookie(refusal, asked)).into(),
            Verdict::Unknown(why) => Found::Unavailable(format!("forward: {why}")),
        }
    }

    /// The headers of the list that the request has. Neither what this system made is among them,
    /// its session cookie or any token of its own, nor what another authenticator of the route
    /// judges and hides.
    fn listed(&self, asked: &Asked<'_>) -> Vec<(HeaderName, HeaderValue)> {
        let withheld = asked.matched.route().guard().map(|guard| &guard.withheld);
        let is_withheld = |has: &dyn Fn(&Withheld) -> bool| withheld.is_some_and(has);
        let mut listed = Vec::new();
        let mut add = |name: &HeaderName, value: &[u8]| {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                listed.push((name.clone(), value));
            }
        };
        for name in &self.settings.request_headers {
            if *name == header::AUTHORIZATION {
                let values = asked.clean.presented().authorizations();
                let is_listed = |value: &&[u8]| {
                    !has_own(value, asked.site) && !is_withheld(&|all| all.has_authorization(value))
                };
                values.filter(is_listed).for_each(|value| add(name, value));
            } else if *name == header::COOKIE {
                // One without `=` is all name (RFC 6265bis section 5.6).
                let has_own = |part: &[u8]| has_own(part, asked.site);
                let is_left_out = |name: &[u8], value: &[u8]| {
                    has_own(name) || has_own(value) || is_withheld(&|all| all.has_cookie(name))
                };
                let values = asked.clean.values_of(name);
                let kept = values.filter_map(|value| cookie::without_pairs(value, is_left_out));
                kept.for_each(|value| add(name, &value));
            } else if !is_withheld(&|all| all.has(name)) {
                let values = asked.clean.values_of(name);
                let kept = values.filter(|value| !has_own(value, asked.site));
                kept.for_each(|value| add(name, value));
            }
        }
        listed
    }

    fn pending(&self, question: Question) -> Pending {
        Pending {
            name: Arc::clone(&self.name),
            settings: Arc::clone(&self.settings),
            client: self.client.clone(),
            question,
        }
    }
}

/// A refusal that sets no cookie of ours: nobody else opens or ends a session.
fn without_our_cookie(refusal: Arc<Refusal>, asked: &Asked<'_>) -> Arc<Refusal> {
    let is_ours = |(name, value): &(HeaderName, HeaderValue)| {
        *name == header::SET_COOKIE && asked.clean.is_about_our_cookie(value.as_bytes())
    };
    if !refusal.headers.iter().any(is_ours) {
        return refusal;
    }
    let headers = refusal.headers.iter().filter(|header| !is_ours(header)).cloned().collect();
    Arc::new(Refusal { status: refusal.status, headers, body: refusal.body.clone() })
}

/// A question with all that it takes, so that it can go on where nobody waits any more.
struct Pending {
    name: Arc<str>,
    settings: Arc<Forward>,
    client: HttpClient,
    question: Question,
}

impl Pending {
    async fn answer(self) -> Verdict<Arc<Known>, Arc<Refusal>> {
        let reply = match self.client.ask(self.question).await {
            Ok(reply) => reply,
            Err(error) => return Verdict::Unknown(symbolon_core::error::chain(&error)),
        };
        let judged: Judged = match self.settings.form {
            Form::Request(_) => reply::judge(reply, &self.settings),
            Form::Opa => opa::judge(&reply, &self.settings),
        };
        match judged {
            Ok(Ok(allowed)) => {
                let value = Arc::new(known(&self.name, &allowed));
                Verdict::Good { value, until: None }
            }
            Ok(Err(refusal)) => Verdict::Bad(refusal),
            Err(why) => Verdict::Unknown(why),
        }
    }
}

/// Somebody, as the rest of the gateway knows people; or nobody in particular.
fn known(name: &str, allowed: &Allowed) -> Known {
    let header = |(name, value): &(HeaderName, HeaderValue)| {
        (Arc::from(name.as_str()), Arc::from(value.as_bytes()))
    };
    let subject = allowed.subject.as_deref();
    Known {
        subject: subject.map(|subject| format!("{name}:{subject}").into()),
        issuer: Some(name.into()),
        roles: allowed.roles.iter().filter_map(|role| role.parse().ok()).collect(),
        groups: allowed.groups.clone(),
        claims: subject.map(|subject| ("sub".to_owned(), subject.to_owned())).into_iter().collect(),
        headers: allowed.headers.iter().map(header).collect(),
        ..Known::default()
    }
}

#[cfg(test)]
mod testing {
    //! Settings and a request for tests.

    use std::time::Duration;

    use http::Method;
    use http::header::{AUTHORIZATION, HeaderName, HeaderValue, LOCATION, WWW_AUTHENTICATE};

    use super::question::Seen;
    use crate::authenticator::introspection::testing::endpoint;
    use crate::config::authenticators::forward::{Form, Forward, PrincipalHeaders};

    pub(super) fn settings() -> Forward {
        let name = HeaderName::from_static;
        Forward {
            endpoint: endpoint(),
            form: Form::Request(Method::GET),
            request_headers: vec![AUTHORIZATION],
            principal: Some(PrincipalHeaders {
                subject: name("x-user"),
                roles: Some(name("x-roles")),
                groups: None,
            }),
            upstream_headers: vec![name("x-tenant")],
            client_headers: vec![WWW_AUTHENTICATE, LOCATION],
            client_body: false,
            cache: Duration::ZERO,
            cache_entries: 16,
        }
    }

    pub(super) fn seen() -> Seen<'static> {
        Seen {
            method: &Method::GET,
            scheme: "https",
            host: "shop.example.com",
            target: "/orders?a=1&a=2&b=x%20y",
            path: "/orders",
            query: Some("a=1&a=2&b=x%20y"),
            source: [192, 0, 2, 1].into(),
            route: "orders",
            headers: vec![(AUTHORIZATION, HeaderValue::from_static("Bearer t"))],
        }
    }
}
