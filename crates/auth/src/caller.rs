//! Who sends a request to this service, and by what they prove it.
//!
//! The same opaque token counts in the cookie and as a bearer token (RFC 6750 section 2.1). A
//! request with a bearer token is judged by that alone, since a browser never adds one on its own;
//! so nobody can mix a victim's cookie into it. A password (RFC 7617 section 2.2) it does add,
//! wherever it was once asked for one: that leaves the cookie what it is.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use symbolon_core::{SessionId, SubjectId, TokenHash, TokenKind};
use symbolon_store::LiveSession;

use crate::cookies;
use crate::csrf;
use crate::pages::Bar;
use crate::rejection::Rejection;
use crate::service::Service;

/// The scheme of RFC 6750, and the space after it.
const BEARER: &[u8] = b"bearer ";

/// Somebody with a live session.
pub(crate) struct Caller {
    pub(crate) live: Arc<LiveSession>,
    pub(crate) by: By,
}

/// How the token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// In the cookie, which a browser sends whoever made it ask.
    Cookie,
    /// As a bearer token, which only a program sends, on purpose.
    Bearer,
}

impl Caller {
    /// The caller of a request, if their session is live.
    pub(crate) async fn identify(
        service: &Service,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, Rejection> {
        let Some((token, by)) = presented(service, headers) else {
            return Ok(None);
        };
        let now = service.clock.now();
        let Some(live) = service.sessions.find(&token, now).await? else {
            return Ok(None);
        };
        service.sessions.seen(&live, now);
        Ok(Some(Self { live, by }))
    }

    pub(crate) fn session(&self) -> SessionId {
        self.live.session.id
    }

    pub(crate) fn subject(&self) -> &SubjectId {
        &self.live.session.subject
    }

    /// Refuses a form that this caller did not fill in on our page.
    pub(crate) fn check_form(
        &self,
        service: &Service,
        headers: &HeaderMap,
        token: &str,
    ) -> Result<(), Rejection> {
        let is_genuine = match self.by {
            By::Bearer => true,
            By::Cookie => {
                csrf::is_same_origin(headers, &service.config.public_url)
                    && service.csrf.is_of_session(token, self.session())
            }
        };
        is_genuine.then_some(()).ok_or(Rejection::StaleForm)
    }

    /// What every page shows to whoever is logged in.
    pub(crate) fn bar(&self, service: &Service) -> Bar {
        Bar { subject: self.subject().to_string(), csrf: service.csrf.for_session(self.session()) }
    }
}

fn presented(service: &Service, headers: &HeaderMap) -> Option<(TokenHash, By)> {
    let mut bearers = bearers(headers);
    let (token, by) = match (bearers.next(), bearers.next()) {
        (None, _) => {
            let cookie = cookies::find(headers, &service.config.cookie.name)?;
            (cookie, By::Cookie)
        }
        (Some(one), None) => (one, By::Bearer),
        (Some(_), Some(_)) => return None,
    };
    let hash = TokenHash::of_presented(TokenKind::Session, token).ok()?;
    Some((hash, by))
}

/// The bearer tokens of a request, whatever they are worth.
pub(crate) fn bearers(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, token) = value.as_bytes().split_at_checked(BEARER.len())?;
        scheme.eq_ignore_ascii_case(BEARER).then_some(token)
    })
}
