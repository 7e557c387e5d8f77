//! authorize: whether this principal may do this, by which rule, and not too often.
//!
//! 1. Who is asked for and not known is told to log in (401, or the log-in page), never 403.
//! 2. All rules of the route have to be met, in a fixed order; the first that is not refuses.
//! 3. Policies come last; what they do not permit is refused, and so is what makes one fail.
//! 4. Where another log-in would help, the caller hears so: RFC 9470 for programs, the log-in page
//!    for people.

mod facts;
mod step_up;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use symbolon_core::policy::cedar::{Asked, Deny, RoutePolicy};
use symbolon_core::policy::{Facts, Refusal, Rule};

use super::{Clean, Identified};
use crate::decide::Grounds;
use crate::limit::{Quota, Slot};
use crate::pattern::params;
use crate::progress::Progress;
use crate::rejection::{Reason, Rejection};

/// A request that may go upstream. Never kept: it is made anew for every request.
#[derive(Debug)]
#[must_use]
pub(crate) struct Permitted {
    identified: Identified,
    rule: Rule,
    quotas: Vec<Quota>,
    slot: Option<Arc<Slot>>,
}

impl Identified {
    /// Checks the route's requirements, then whether there is room for one more, then the limits
    /// that depend on who it is: who is refused by these gives the place back at once, whereas what
    /// was counted is not to be given back.
    pub(crate) fn authorize(
        self,
        grounds: &Grounds<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Permitted, Rejection> {
        if progress.wants_rules() {
            self.consider(grounds, progress);
        }
        let rule = self.rule(grounds)?;
        let matched = self.admitted().matched();
        let (quotas, slot) = match matched.route().limits() {
            None => (Vec::new(), None),
            Some(limits) => {
                let slot = limits.slot(matched.clean(), self.identity(), grounds)?;
                (limits.after(matched.clean(), self.identity(), grounds)?, slot)
            }
        };
        Ok(Permitted { identified: self, rule, quotas, slot })
    }

    /// Tells of every rule of the route whether it is met, also behind the first that is not.
    fn consider(&self, grounds: &Grounds<'_>, progress: &mut dyn Progress) {
        let matched = self.admitted().matched();
        let authorize = &matched.route().route.authorize;
        if let Some(sources) = authorize.sources() {
            let refuses = sources.refuses(matched.clean().source().ip()).is_some();
            let why = refuses.then_some("none of the address ranges");
            progress.considered(crate::config::Authorize::SOURCES, why);
        }
        let facts = self.identity().facts();
        for considered in authorize.requirements().consider(&facts, grounds.now) {
            progress.considered(considered.rule, considered.unmet);
        }
        if let Some(policy) = authorize.policy() {
            let asked = ask(policy, &facts, matched.clean(), self, grounds);
            let rule = match &asked {
                Ok(rule) => rule.as_str(),
                Err(refused) => refused.rule.as_ref().map_or("policy", Rule::as_str),
            };
            progress.considered(rule, asked.as_ref().err().map(|refused| &*refused.detail));
        }
    }

    /// The rule by which this principal may do this.
    fn rule(&self, grounds: &Grounds<'_>) -> Result<Rule, Rejection> {
        let matched = self.admitted().matched();
        if matched.route().is_open() {
            return Ok(Rule::Known("no_requirement"));
        }
        let authorize = &matched.route().route.authorize;
        let facts = self.identity().facts();
        if authorize.needs_identity() && facts.is_anonymous() {
            let rule = authorize.met().clone();
            let reason = self.admitted().unauthenticated(None);
            return Err(Rejection::new(reason, "nobody is known").by(rule));
        }
        let source = matched.clean().source().ip();
        if authorize.sources().is_some_and(|sources| sources.refuses(source).is_some()) {
            let rule = crate::config::Authorize::SOURCES;
            return Err(forbidden(Rule::Known(rule), "sources: none of the address ranges"));
        }
        if let Err(refusal) = authorize.requirements().check(&facts, grounds.now) {
            return Err(self.refuse(&refusal));
        }
        match authorize.policy() {
            Some(policy) => ask(policy, &facts, matched.clean(), self, grounds),
            None => Ok(authorize.met().clone()),
        }
    }

    /// What a rule that is not met is answered with.
    fn refuse(&self, refusal: &Refusal) -> Rejection {
        let Refusal { rule, why } = refusal;
        let requirements = self.admitted().matched().route().route.authorize.requirements();
        let reason = match *rule {
            "acr" | "max_age" => step_up::reason(self, requirements),
            "scopes" if self.identity().is_of_a_token() => {
                Reason::InsufficientScope(requirements.scopes.join(" ").into())
            }
            _ => Reason::Forbidden,
        };
        Rejection::new(reason, format!("{rule}: {why}")).by(Rule::Known(rule))
    }
}

/// What the route's policies say.
fn ask(
    policy: &RoutePolicy,
    facts: &Facts<'_>,
    clean: &Clean,
    identified: &Identified,
    grounds: &Grounds<'_>,
) -> Result<Rule, Rejection> {
    let route = &identified.admitted().matched().route().route;
    let params = if policy.asks_for_params() {
        params::in_path(&route.paths, clean.path())
    } else {
        Vec::new()
    };
    let mut lines: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(policy.headers().len());
    for name in policy.headers() {
        if let Some(value) = header(clean, name)? {
            lines.push((name, value));
        }
    }
    let headers: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (*name, &**value)).collect();
    let asked = Asked {
        method: method(clean),
        path: clean.path(),
        host: clean.host(),
        source: source(clean),
        is_mtls: shook_hands(grounds) || identified.identity().showed_certificate(),
        params: &params,
        headers: &headers,
        now: grounds.now,
    };
    policy.decide(facts, &grounds.snapshot.hierarchy, &asked).map_err(|deny| match deny {
        Deny::NoPermit => forbidden(Rule::Known("policy"), "policy: no policy permits it"),
        Deny::Forbidden(rule) => forbidden(rule, "policy: it is forbidden"),
        Deny::Error { policy, why } => {
            let rule = policy.unwrap_or(Rule::Known("policy"));
            if !grounds.is_dry {
                tracing::warn!(route = %route.name, %rule, why, "a policy failed, and that denies");
            }
            forbidden(rule, format!("policy failed: {why}"))
        }
    })
}

/// Whether the caller showed a certificate in the handshake. That of a trusted proxy is its own and
/// not the caller's.
fn shook_hands(grounds: &Grounds<'_>) -> bool {
    let downstream = grounds.downstream;
    downstream.certificates.is_some()
        && !grounds.snapshot.trusted_proxies.contains(downstream.peer.ip())
}

/// The method as policies know it. HEAD is judged as the GET that it stands for, so that what
/// forbids the one forbids the other; so is a WebSocket that is asked for over HTTP/2.
fn method(clean: &Clean) -> &str {
    match clean.method().as_str() {
        "HEAD" | "CONNECT" => "GET",
        other => other,
    }
}

fn source(clean: &Clean) -> IpAddr {
    clean.source().ip()
}

/// All lines of a header as one (RFC 9110 section 5.3). One that is no text is refused: policies
/// cannot be told of it, and if it were not there, a `forbid` that looks at it would not apply.
fn header<'a>(clean: &'a Clean, name: &'a str) -> Result<Option<Cow<'a, str>>, Rejection> {
    let mut lines = clean.fields().get_all(name).map(|value| {
        let no_text = "a header that policies look at is no text";
        std::str::from_utf8(value).map_err(|_| forbidden(Rule::Known("policy"), no_text))
    });
    let Some(first) = lines.next() else { return Ok(None) };
    let mut joined = Cow::Borrowed(first?);
    for line in lines {
        let joined = joined.to_mut();
        joined.push_str(", ");
        joined.push_str(line?);
    }
    Ok(Some(joined))
}

fn forbidden(rule: Rule, detail: impl Into<Cow<'static, str>>) -> Rejection {
    Rejection::new(Reason::Forbidden, detail).by(rule)
}

impl Permitted {
    pub(crate) fn identified(&self) -> &Identified {
        &self.identified
    }

    /// The rule that allowed it.
    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Where the caller stands with the limits that depend on who it is.
    pub(crate) fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// Its place among the requests under way, where their number is limited.
    pub(crate) fn slot(&self) -> Option<&Arc<Slot>> {
        self.slot.as_ref()
    }
}
