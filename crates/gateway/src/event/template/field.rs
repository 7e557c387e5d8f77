//! The fields of an access event by name.

use std::fmt::Write as _;
use std::time::Duration;

use crate::event::{Event, line};
use crate::rejection::Rejection;
use crate::source_address::SourceAddress;
use crate::stage::Clean;

/// One thing that an access event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "docs/operating.md says what each is; they are named as there")]
pub enum Field {
    Time,
    RequestId,
    Source,
    Method,
    Host,
    Path,
    Status,
    Route,
    Service,
    Target,
    Tries,
    Principal,
    SessionId,
    Authenticator,
    DecisionRule,
    Rejection,
    Detail,
    Failure,
    TraceId,
    Concealed,
    BytesSent,
    DurationUs,
}

impl Field {
    /// All fields with their names, in the order in which JSON has them.
    pub const ALL: [(&'static str, Self); 22] = [
        ("time", Self::Time),
        ("request_id", Self::RequestId),
        ("source", Self::Source),
        ("method", Self::Method),
        ("host", Self::Host),
        ("path", Self::Path),
        ("status", Self::Status),
        ("route", Self::Route),
        ("service", Self::Service),
        ("target", Self::Target),
        ("tries", Self::Tries),
        ("principal", Self::Principal),
        ("session.id", Self::SessionId),
        ("authenticator", Self::Authenticator),
        ("decision.rule", Self::DecisionRule),
        ("rejection", Self::Rejection),
        ("detail", Self::Detail),
        ("failure", Self::Failure),
        ("trace_id", Self::TraceId),
        ("concealed", Self::Concealed),
        ("bytes_sent", Self::BytesSent),
        ("duration_us", Self::DurationUs),
    ];

    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }

    /// Appends its value; nothing where there is none. Times are the writer's.
    pub(super) fn write(self, event: &Event, took: Duration, out: &mut String) {
        let clean = event.clean.as_deref();
        let route = event.route.as_deref();
        match self {
            Self::Time => {}
            Self::RequestId => put(out, Some(&event.request_id)),
            Self::Source => match clean {
                Some(clean) => put(out, Some(clean.source().as_str())),
                None => put(out, Some(SourceAddress::new(event.peer.to_canonical()).as_str())),
            },
            Self::Method => put(out, clean.map(|clean| clean.method().as_str())),
            Self::Host => put(out, clean.map(Clean::host)),
            Self::Path => put(out, clean.map(Clean::path)),
            Self::Status => put(out, event.status.as_ref().map(http::StatusCode::as_str)),
            Self::Route => put(out, route.map(|bound| &*bound.route.name)),
            Self::Service => put(out, route.map(|bound| &*bound.service.service.name)),
            Self::Target => put(out, Some(&event.target)),
            Self::Tries => number(out, event.tries),
            Self::Principal => put(out, event.identity.principal()),
            Self::SessionId => {
                if let Some(live) = event.identity.session() {
                    live.session.id.push_to(out);
                }
            }
            Self::Authenticator => put(out, event.authenticator()),
            Self::DecisionRule => {
                put(out, event.rule.as_ref().map(symbolon_core::policy::Rule::as_str));
            }
            Self::Rejection => put(out, event.rejection.as_ref().map(Rejection::code)),
            Self::Detail => put(out, event.rejection.as_ref().map(|refused| &*refused.detail)),
            Self::Failure => put(out, event.failure.as_deref()),
            Self::TraceId => {
                if let Some(trace) = event.trace() {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{}", trace.trace_id());
                }
            }
            Self::Concealed => put(out, event.concealed.then_some("internal token")),
            Self::BytesSent => number(out, event.bytes_sent),
            Self::DurationUs => number(out, took.as_micros()),
        }
    }
}

fn put(out: &mut String, value: Option<&str>) {
    let value = value.unwrap_or_default();
    value.chars().for_each(|character| line::escape(out, character));
}

fn number(out: &mut String, value: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(value));
}
