//! settle: takes the service's changes to the session out of the answer, applies them, and lets
//! nothing internal out.
//!
//! The changes are written before the answer leaves. A change that the service may not make, or
//! that is not understood, turns the whole answer into an error: half an obedience would look
//! like success.

mod apply;
pub(crate) mod conceal;
pub(crate) mod conceal_body;

use std::sync::Arc;

use http::Response;
use http::header::{self, HeaderName, HeaderValue};
use symbolon_core::settle::{HEADER, SessionChange};
use symbolon_core::{Random, Timestamp};
use symbolon_store::{Clients, Clock, Sessions};

use crate::body::GatewayBody;
use crate::config::{SessionCookie, Targets};
use crate::rejection::{Reason, Rejection};
use crate::session_guard::SessionGuard;
use crate::stage::{Identified, Outbound};

const SESSION_CHANGE: HeaderName = HeaderName::from_static(HEADER);

/// What settling needs besides the answer.
pub(crate) struct Settle<'a> {
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) clients: &'a Arc<Clients>,
    pub(crate) random: &'a Arc<dyn Random>,
    pub(crate) cookie: &'a SessionCookie,
    pub(crate) forget_cookie: &'a HeaderValue,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) now: Timestamp,
}

impl Settle<'_> {
    /// Makes of the answer what may leave.
    pub(crate) async fn settle(
        &self,
        response: &mut Response<GatewayBody>,
        outbound: &Outbound,
    ) -> Result<(), Rejection> {
        let identified = outbound.permitted().identified();
        let service = &identified.admitted().matched().route().service.service;
        if matches!(service.targets, Targets::InProcess) {
            return Ok(());
        }
        let change = take_change(response)?;
        let internal_token = outbound.internal_token();
        let token = internal_token.map(|token| &**token);
        conceal::conceal(response.headers_mut(), token, &self.cookie.name);
        // What ends its session is the answer to that, and comes whole.
        let ends_session = change.as_ref().is_some_and(|change| change.end);
        let new_cookie = match change {
            Some(change) => self.apply(change, outbound).await?,
            None => None,
        };
        if let Some(cookie) = new_cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        } else if identified.clear_cookie() {
            response.headers_mut().append(header::SET_COOKIE, self.forget_cookie.clone());
        }
        if let Some(token) = internal_token {
            response.body_mut().conceal(token);
        }
        if !ends_session {
            self.guard(response.body_mut(), identified);
        }
        Ok(())
    }

    /// A stream lives on after this decision, so it is tied to its session or credential.
    fn guard(&self, body: &mut GatewayBody, identified: &Identified) {
        let memories = (self.sessions, self.clients);
        if body.is_stream()
            && let Some(guard) = SessionGuard::of(identified, memories, self.clock)
        {
            body.guard(guard);
        }
    }
}

/// The header's value, all its lines joined (RFC 9651 section 4.2), taken out of the answer.
fn take_change(response: &mut Response<GatewayBody>) -> Result<Option<SessionChange>, Rejection> {
    if !response.headers().contains_key(SESSION_CHANGE) {
        return Ok(None);
    }
    let lines = response.headers().get_all(SESSION_CHANGE);
    let joined = lines.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b", "[..]);
    response.headers_mut().remove(SESSION_CHANGE);
    match SessionChange::parse(&joined) {
        Ok(change) if change.is_empty() => Ok(None),
        Ok(change) => Ok(Some(change)),
        Err(error) => {
            let detail = symbolon_core::error::chain(&error);
            Err(Rejection::new(Reason::SettleRefused, format!("{HEADER}: {detail}")))
        }
    }
}
