//! Every refusal, in one table: which stage says it, with which status, and in which words.
//!
//! Downstream reads the code, a short text and the request id; the log has the detail as well.
//! The answer is RFC 9457 problem JSON, or a small page for a browser that navigates.

pub(crate) mod render;

use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;
use symbolon_core::policy::Rule;

use crate::authenticator::{Failed, Failure, Refusal};
use crate::limit::Quota;
use crate::pattern::MethodSet;

/// Why a request goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// What kind of refusal.
    pub(crate) reason: Reason,
    /// For the log only: which header, which rule, which target.
    pub(crate) detail: Cow<'static, str>,
    /// Whether the session cookie that came along opens nothing and should be forgotten.
    pub(crate) clear_cookie: bool,
    /// The rule that refused it, where one did.
    pub(crate) rule: Option<Rule>,
    /// The authenticator that refused it, where one did.
    pub(crate) authenticator: Option<Arc<str>>,
}

/// The kinds of refusal; each belongs to one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// clean: method, authority, path or headers have no canonical form.
    Malformed,
    /// clean: the request target is too long.
    TargetTooLong,
    /// clean: there are too many header fields.
    HeadTooLarge,
    /// clean: this listener only says where to go.
    ToHttps(String),
    /// match: the host is another certificate's than the connection's.
    Misdirected,
    /// match: nothing matches.
    NoRoute,
    /// match: the method is not among these.
    MethodNotAllowed(MethodSet),
    /// clean or match: nobody from this address may come here.
    SourceDenied,
    /// match: a page of this origin may not use the route.
    OriginDenied,
    /// limit or authorize: too many requests in too short a time. Where the caller stands with what
    /// was asked; the last of them refuses.
    RateLimited(Vec<Quota>),
    /// authenticate: too many guesses; in so many seconds it is worth trying again.
    Throttled(u64),
    /// authorize: too many requests under way. Where the caller stands, of which nothing is taken.
    Crowded(Vec<Quota>),
    /// limit: the body is too long.
    BodyTooLarge,
    /// authenticate: no credential was offered.
    NoCredentials(Box<Unauthenticated>),
    /// authenticate: a credential was offered and is not good.
    BadCredentials(Box<Unauthenticated>),
    /// authenticate: a browser should log in first; with the query that brings it back.
    LogIn(String),
    /// authenticate: a service outside refuses, and says what the caller gets.
    RefusedOutside(StatusCode, Arc<Refusal>),
    /// authorize: identity is known and not allowed.
    Forbidden,
    /// authorize: the token was not granted these scopes.
    InsufficientScope(Arc<str>),
    /// authorize: who it is was not proved strongly or lately enough.
    StepUp(Box<StepUp>),
    /// authenticate or mint: sessions or keys cannot be had right now.
    Unavailable,
    /// upstream: no connection, or no sensible answer.
    BadGateway,
    /// upstream: no answer in time.
    GatewayTimeout,
    /// upstream: no answer in the time that the caller of a gRPC method gave.
    DeadlineExceeded,
    /// upstream: the service has as much to do as its bounds allow.
    Overloaded,
    /// upstream: the downstream stopped sending its body.
    RequestTimeout,
    /// settle: the service asked for a session change that it may not make.
    SettleRefused,
    /// settle: the session has moved on from the generation that the change was based on.
    Conflict,
}

/// How who it is has to be proved (RFC 9470 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepUp {
    /// The weakest authentication context class that is good enough.
    pub(crate) acr: Option<Arc<str>>,
    /// The longest time since then, in seconds.
    pub(crate) max_age: Option<u64>,
}

/// What a 401 asks for, and what was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unauthenticated {
    /// One for each scheme that the route takes (RFC 9110 section 11.6.1).
    pub(crate) challenges: Arc<[&'static str]>,
    /// The credential that is not good.
    pub(crate) failed: Option<Failed>,
}

impl Rejection {
    /// The session was ended while the service worked, or while the request was still coming:
    /// what was wanted is not done, and the answer must not look as if it were.
    pub(crate) fn ended_meanwhile() -> Self {
        let why = "the session ended meanwhile";
        let challenge = "Bearer realm=\"symbolon\"";
        let failed = Failed {
            authenticator: Arc::from("session"),
            challenge,
            failure: Failure::invalid_token("no_session", why),
            is_session: true,
        };
        let said = Unauthenticated { challenges: [challenge].into(), failed: Some(failed) };
        Self::new(Reason::BadCredentials(Box::new(said)), why).clearing_cookie(true)
    }

    /// The same of a client's credential.
    pub(crate) fn credential_ended(authenticator: &str, challenges: Arc<[&'static str]>) -> Self {
        let why = "the credential ended meanwhile";
        let failed = Failed {
            authenticator: authenticator.into(),
            challenge: challenges.first().copied().unwrap_or_default(),
            failure: Failure::new("ended", why),
            is_session: false,
        };
        let said = Unauthenticated { challenges, failed: Some(failed) };
        Self::new(Reason::BadCredentials(Box::new(said)), why)
    }

    /// A credential that turned out not to be good after all, while the request was on its way.
    pub(crate) fn bad_credentials(failed: Failed) -> Self {
        let detail = failed.failure.detail.clone();
        let said = Unauthenticated { challenges: [failed.challenge].into(), failed: Some(failed) };
        Self::new(Reason::BadCredentials(Box::new(said)), detail)
    }

    /// A refusal with a detail for the log.
    pub(crate) fn new(reason: Reason, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, detail: detail.into(), clear_cookie: false, rule: None, authenticator: None }
    }

    /// The same, forgetting the cookie.
    #[must_use]
    pub(crate) fn clearing_cookie(mut self, clear: bool) -> Self {
        self.clear_cookie = clear;
        self
    }

    /// The same, with the rule that refused it.
    #[must_use]
    pub(crate) fn by(mut self, rule: Rule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The same, with the authenticator that refused it.
    #[must_use]
    pub(crate) fn of(mut self, authenticator: &Arc<str>) -> Self {
        self.authenticator = Some(Arc::clone(authenticator));
        self
    }

    /// The status of the answer.
    pub(crate) const fn status(&self) -> StatusCode {
        self.reason.row().0
    }

    /// The stable code, as it stands in answers, logs and metrics.
    pub(crate) const fn code(&self) -> &'static str {
        self.reason.row().1
    }
}

impl Reason {
    /// All codes that there are.
    pub(crate) const CODES: [&'static str; 28] = [
        "malformed",
        "target_too_long",
        "head_too_large",
        "misdirected",
        "to_https",
        "no_route",
        "method_not_allowed",
        "source_denied",
        "origin_denied",
        "rate_limited",
        "throttled",
        "crowded",
        "body_too_large",
        "no_credentials",
        "bad_credentials",
        "log_in",
        "refused_outside",
        "forbidden",
        "insufficient_scope",
        "insufficient_user_authentication",
        "unavailable",
        "bad_gateway",
        "gateway_timeout",
        "deadline_exceeded",
        "overloaded",
        "request_timeout",
        "settle_refused",
        "conflict",
    ];

    /// The table: status, code, and the words for people.
    const fn row(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Malformed => (S::BAD_REQUEST, "malformed", "The request is ambiguous."),
            Self::TargetTooLong => (S::URI_TOO_LONG, "target_too_long", "The address is too long."),
            Self::HeadTooLarge => (
                S::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head_too_large",
                "There are too many header fields.",
            ),
            Self::ToHttps(_) => (S::PERMANENT_REDIRECT, "to_https", "Use https for this."),
            Self::Misdirected => {
                (S::MISDIRECTED_REQUEST, "misdirected", "Ask for this on a connection of its own.")
            }
            Self::NoRoute => (S::NOT_FOUND, "no_route", "There is nothing here."),
            Self::MethodNotAllowed(_) => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "This method is not allowed here.")
            }
            Self::SourceDenied => {
                (S::FORBIDDEN, "source_denied", "Requests from your address are not accepted here.")
            }
            Self::OriginDenied => {
                (S::FORBIDDEN, "origin_denied", "Pages of your origin may not use this.")
            }
            Self::RateLimited(_) => {
                (S::TOO_MANY_REQUESTS, "rate_limited", "Too many requests; try again later.")
            }
            Self::Throttled(_) => {
                (S::TOO_MANY_REQUESTS, "throttled", "Too many attempts; try again in a while.")
            }
            Self::Crowded(_) => {
                (S::SERVICE_UNAVAILABLE, "crowded", "Too many requests at once; try again soon.")
            }
            Self::BodyTooLarge => {
                (S::PAYLOAD_TOO_LARGE, "body_too_large", "The request body is too large.")
            }
            Self::NoCredentials(_) => {
                (S::UNAUTHORIZED, "no_credentials", "You need to log in for this.")
            }
            Self::BadCredentials(_) => {
                (S::UNAUTHORIZED, "bad_credentials", "These credentials are not valid.")
            }
            Self::LogIn(_) => (S::SEE_OTHER, "log_in", "Please log in first."),
            Self::RefusedOutside(status, _) => (*status, "refused_outside", "This is refused."),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "You are not allowed to do this."),
            Self::InsufficientScope(_) => {
                (S::FORBIDDEN, "insufficient_scope", "This token does not allow this.")
            }
            Self::StepUp(_) => (
                S::UNAUTHORIZED,
                "insufficient_user_authentication",
                "You need to log in again for this.",
            ),
            Self::Unavailable => {
                (S::SERVICE_UNAVAILABLE, "unavailable", "This is not available right now.")
            }
            Self::BadGateway => {
                (S::BAD_GATEWAY, "bad_gateway", "The service did not give a proper answer.")
            }
            Self::GatewayTimeout => {
                (S::GATEWAY_TIMEOUT, "gateway_timeout", "The service did not answer in time.")
            }
            Self::DeadlineExceeded => {
                (S::GATEWAY_TIMEOUT, "deadline_exceeded", "The service did not answer in time.")
            }
            Self::Overloaded => {
                (S::SERVICE_UNAVAILABLE, "overloaded", "The service has too much to do right now.")
            }
            Self::RequestTimeout => {
                (S::REQUEST_TIMEOUT, "request_timeout", "The request did not arrive in time.")
            }
            Self::SettleRefused => {
                (S::BAD_GATEWAY, "settle_refused", "The service did not give a proper answer.")
            }
            Self::Conflict => {
                (S::CONFLICT, "conflict", "Something else changed your session; try again.")
            }
        }
    }
}
