//! `introspection`: an authorization server outside says what a token is worth (RFC 7662).
//!
//! 1. The answer is believed no longer than the token lives, and found again by the token alone
//!    only within these settings: another endpoint, audience or issuer is another cache.
//! 2. What is no answer, or none in time, is a 503: never a 401, never let in.
//! 3. Tokens that this system made are not shown to anybody.
//! 4. A question about a token that is not good is charged to its source, and while that has to
//!    wait, nobody is asked about further ones.

mod answer;
mod question;

use std::sync::Arc;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use symbolon_core::{OsRandom, Timestamp};
use symbolon_store::Known;
use zeroize::Zeroizing;

use super::http_client::{HttpClient, Reply};
use super::known_cache::{Bounds, KnownCache, Verdict};
use super::outside::Outside;
use super::own::is_own;
use super::{Asked, Failure, Found};
use crate::config::authenticators::introspection::Introspection;
use crate::stage::{Bearer, bare};
use answer::{No, Token};

/// Why a token is not good: for the caller, and for the log.
type Why = (&'static str, &'static str);

/// An authorization server with what is known of its tokens.
pub(crate) struct Server {
    name: Arc<str>,
    settings: Arc<Introspection>,
    client: HttpClient,
    known: Arc<KnownCache<Arc<Known>, Why>>,
}

impl Server {
    pub(super) fn new(name: &Arc<str>, settings: &Introspection, outside: &Arc<Outside>) -> Self {
        let bounds = Bounds {
            entries: settings.cache_entries,
            ttl: settings.cache,
            negative_ttl: settings.negative_cache,
        };
        Self {
            name: Arc::clone(name),
            client: HttpClient::new(settings.endpoint.clone(), Arc::clone(outside)),
            known: KnownCache::new(bounds, &OsRandom),
            settings: Arc::new(settings.clone()),
        }
    }

    pub(super) async fn ask(&self, asked: &Asked<'_>) -> Found {
        let token = match self.offered(asked) {
            Ok(Some(token)) => token,
            Ok(None) => return Found::NotOffered,
            Err(why) => return Failure::invalid_token("malformed", why).into(),
        };
        // Endpoint, audience and issuer are the same for the life of the cache. What nobody
        // was asked about is not in it: a token of ours, or what is none.
        let key = self.known.key(&[token]);
        let now = asked.now;
        let verdict = match self.known.get(&key, now) {
            Some(verdict) => verdict,
            None if is_own(token, asked.site) => {
                if self.settings.header.is_none() && asked.takers.has_other_for_own(token) {
                    return Found::NotOffered;
                }
                let why = "a token of this system is shown to nobody outside";
                return Failure::invalid_token("own", why).into();
            }
            None if !question::is_token(token) => {
                return Failure::invalid_token("malformed", "this cannot be a token").into();
            }
            None if asked.is_dry => self.pending(token).answer(now).await,
            None => {
                if let Some(wait) = asked.blocked() {
                    return Found::Throttled(wait);
                }
                let pending = self.pending(token);
                let mut is_asked = false;
                let ask = || {
                    is_asked = true;
                    pending.answer(now)
                };
                let verdict = self.known.get_or_ask(key, now, ask).await;
                // Each guess costs a question, so each question is charged to whoever guesses.
                if is_asked && matches!(verdict, Verdict::Bad((answer::INACTIVE, _))) {
                    asked.passwords.attempts().failed(asked.source());
                }
                verdict
            }
        };
        match verdict {
            Verdict::Good { value, .. } => Found::Known(value),
            Verdict::Bad((code, detail)) => Failure::invalid_token(code, detail).into(),
            Verdict::Unknown(why) => Found::Unavailable(format!("introspection: {why}")),
        }
    }

    /// The token of the request.
    fn offered<'a>(&'a self, asked: &'a Asked<'_>) -> Result<Option<&'a [u8]>, &'static str> {
        match &self.settings.header {
            None => match asked.clean.presented().bearer() {
                Bearer::None => Ok(None),
                Bearer::Token(token) => Ok(Some(token)),
                Bearer::Malformed => Err("malformed `Authorization` header"),
            },
            Some(header) => {
                let mut values = asked.clean.values_of(header);
                let (value, another) = (values.next(), values.next());
                if another.is_some() {
                    return Err("several tokens");
                }
                Ok(value.map(bare).filter(|token| !token.is_empty()))
            }
        }
    }

    fn pending(&self, token: &[u8]) -> Pending {
        Pending {
            name: Arc::clone(&self.name),
            settings: Arc::clone(&self.settings),
            client: self.client.clone(),
            token: Zeroizing::new(token.to_vec()),
        }
    }
}

/// A question with all that it takes, so that it can go on where nobody waits any more.
struct Pending {
    name: Arc<str>,
    settings: Arc<Introspection>,
    client: HttpClient,
    token: Zeroizing<Vec<u8>>,
}

impl Pending {
    async fn answer(self, now: Timestamp) -> Verdict<Arc<Known>, Why> {
        match ask(&self.client, &self.settings, &self.token, now).await {
            Verdict::Good { value, until } => {
                Verdict::Good { value: Arc::new(known(&self.name, value)), until }
            }
            Verdict::Bad(why) => Verdict::Bad(why),
            Verdict::Unknown(why) => Verdict::Unknown(why),
        }
    }
}

/// Somebody, as the rest of the gateway knows people.
///
/// The names are another system's, so that neither can be taken for a name here: the principal's
/// has this authenticator's before it, and the client's is no client of ours.
fn known(name: &str, token: Token) -> Known {
    let principal = token.subject.as_deref().or(token.client.as_deref()).unwrap_or_default();
    let claim = |name: &str, value: &Option<String>| Some((name.to_owned(), value.clone()?));
    // Whoever is the principal is `sub`, wherever that stands.
    let names = [claim("sub", &token.subject), claim("client_id", &token.client)];
    let mut claims = token.claims;
    claims.extend(names.into_iter().flatten());
    Known {
        subject: Some(format!("{name}:{principal}").into()),
        issuer: Some(token.issuer.as_deref().unwrap_or(name).into()),
        roles: token.roles.iter().filter_map(|role| role.parse().ok()).collect(),
        groups: token.groups,
        scopes: token.scopes,
        acr: token.acr.map(Into::into),
        amr: token.amr,
        auth_time: token.auth_time,
        expires_at: token.expires_at,
        claims,
        ..Known::default()
    }
}

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
        Err(No::Bad(code, detail)) => Verdict::Bad((code, detail)),
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
            cache: Duration::from_mins(1),
            negative_cache: Duration::from_secs(5),
            cache_entries: 16,
        }
    }
}
