//! `introspection`: an authorization server outside says what a token is worth (RFC 7662).
//!
//! 1. The answer is believed no longer than the token lives, and found again by the token alone
//!    only within these settings: another endpoint, audience or issuer is another cache.
//! 2. What is no answer, or none in time, is a 503: never a 401, never let in.
//! 3. Tokens that this system made are not shown to anybody.

mod answer;
mod question;

use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use symbolon_core::Timestamp;

use super::http_client::{HttpClient, Reply};
use super::known_cache::Verdict;
use crate::config::authenticators::introspection::Introspection;
use answer::{No, Token};

/// Why a token is not good: for the caller, and for the log.
pub(crate) type Why = (&'static str, Cow<'static, str>);

/// Asks about a token.
async fn ask(
    client: &HttpClient,
    settings: &Introspection,
    token: &[u8],
    now: Timestamp,
) -> Verdict<Token, Why> {
    let reply = match client.ask(question::about(token, &settings.client)).await {
        Ok(reply) => reply,
        Err(error) => return Verdict::Unknown(symbolon_core::error::chain(&error)),
    };
    if reply.status != StatusCode::OK {
        return Verdict::Unknown(format!("the endpoint answered {}", reply.status.as_u16()));
    }
    if !is_json(&reply) {
        return Verdict::Unknown("the answer is not `application/json`".to_owned());
    }
    match answer::judge(&reply.body, settings, now) {
        Ok(token) => Verdict::Good { until: token.expires_at, value: token },
        Err(No::Bad(code, detail)) => Verdict::Bad((code, Cow::Borrowed(detail))),
        Err(No::Nonsense(what)) => Verdict::Unknown(format!("the answer is none: {what}")),
    }
}

/// A signed answer (RFC 9701) is of another type.
fn is_json(reply: &Reply) -> bool {
    let mut types = reply.headers.get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else { return false };
    let essence = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

#[cfg(test)]
pub(super) mod testing {
    //! Settings for tests of what is asked and answered.

    use std::time::Duration;

    use crate::config::authenticators::Endpoint;
    use crate::config::authenticators::introspection::{
        ClaimPaths, ClientAuthentication, Introspection,
    };

    pub(crate) fn endpoint() -> Endpoint {
        Endpoint {
            address: "127.0.0.1".into(),
            port: 1,
            host: "127.0.0.1:1".into(),
            target: "/introspect".into(),
            tls: None,
            timeout: Duration::from_secs(1),
            connect_timeout: Duration::from_secs(1),
            connections: 1,
            queue: 1,
        }
    }

    pub(crate) fn settings() -> Introspection {
        Introspection {
            endpoint: endpoint(),
            client: ClientAuthentication::Certificate,
            header: None,
            hide_credentials: true,
            issuer: Some("https://as.example".to_owned()),
            audience: Some("shop".to_owned()),
            claims: ClaimPaths {
                subject: "sub".to_owned(),
                roles: Some("realm_access.roles".to_owned()),
                groups: None,
            },
            cache: Duration::from_secs(60),
            negative_cache: Duration::from_secs(5),
            cache_entries: 16,
        }
    }
}
