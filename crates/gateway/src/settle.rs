//! settle: takes the service's changes to the session out of the answer, applies them, and lets
//! nothing internal out.
//!
//! The changes are written before the answer leaves. A change that the service may not make, or
//! that is not understood, turns the whole answer into an error: half an obedience would look
//! like success.

mod apply;
pub(crate) mod conceal;

use std::sync::Arc;

use http::header::{self, HeaderName, HeaderValue};
use http::{Response, Version};
use symbolon_core::settle::{HEADER, SessionChange};
use symbolon_core::{Random, Timestamp};
use symbolon_store::{Clock, Sessions};

use crate::body::GatewayBody;
use crate::config::{SessionCookie, Targets};
use crate::rejection::{Reason, Rejection};
use crate::session_guard::SessionGuard;
use crate::stage::{Identified, Outbound};

const SESSION_CHANGE: HeaderName = HeaderName::from_static(HEADER);

/// What settling needs besides the answer.
pub(crate) struct Settle<'a> {
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) random: &'a Arc<dyn Random>,
    pub(crate) cookie: &'a SessionCookie,
    pub(crate) forget_cookie: &'a HeaderValue,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) now: Timestamp,
}

impl Settle<'_> {
    /// The answer as it may leave.
    pub(crate) async fn settle(
        &self,
        mut response: Response<GatewayBody>,
        outbound: &Outbound,
    ) -> Result<Response<GatewayBody>, Rejection> {
        let identified = outbound.permitted().identified();
        let matched = identified.admitted().matched();
        let (clean, service) = (matched.clean(), &matched.route().service.service);
        if matches!(service.targets, Targets::InProcess) {
            return Ok(response);
        }
        let change = take_change(&mut response)?;
        conceal::conceal(
            response.headers_mut(),
            outbound.internal_token().map(|token| &**token),
            &self.cookie.name,
        );
        let new_cookie = match change {
            Some(change) => self.apply(change, outbound).await?,
            None => None,
        };
        if let Some(cookie) = new_cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        } else if identified.clear_cookie() {
            response.headers_mut().append(header::SET_COOKIE, self.forget_cookie.clone());
        }
        let response = match outbound.internal_token() {
            // HTTP/2 brings trailers that nothing announced.
            Some(token)
                if clean.version() == Version::HTTP_2
                    || response.headers().contains_key(header::TRAILER) =>
            {
                response.map(|body| body.concealing(token))
            }
            _ => response,
        };
        Ok(self.guarded(response, identified))
    }

    /// A stream lives on after this decision, so it is tied to its session.
    fn guarded(
        &self,
        response: Response<GatewayBody>,
        identified: &Identified,
    ) -> Response<GatewayBody> {
        match identified.identity().session() {
            Some(live) if response.body().is_stream() => {
                let guard = SessionGuard::new(live, self.sessions, self.clock);
                response.map(|body| body.guarded(guard))
            }
            _ => response,
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
