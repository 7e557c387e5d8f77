//! A service's change, applied to the session in the order patch, rotate, end.

use http::HeaderValue;
use symbolon_core::session::Patch;
use symbolon_core::settle::SessionChange;
use symbolon_core::{Generation, PlainToken, SessionId, TokenKind};
use symbolon_store::{PatchOutcome, Rotation, StoreError};

use super::Settle;
use crate::rejection::{Reason, Rejection};
use crate::stage::Outbound;

impl Settle<'_> {
    /// Applies the change; the `Set-Cookie` that follows from it.
    pub(super) async fn apply(
        &self,
        change: SessionChange,
        outbound: &Outbound,
    ) -> Result<Option<HeaderValue>, Rejection> {
        let identified = outbound.permitted().identified();
        let Some(live) = identified.identity().session() else {
            return Err(refused("the request has no session"));
        };
        let id = live.session.id;
        if let Some(patch) = &change.patch {
            let service = &identified.admitted().matched().route().service.service;
            if let Some(key) = patch.first_key_outside(&service.session_writes) {
                return Err(refused(format!("key `{key}` is not among `session_writes`")));
            }
            self.patch(id, patch, change.if_generation).await?;
        }
        if change.end {
            self.sessions.end(id, self.now).await.map_err(unavailable)?;
            return Ok(Some(self.forget_cookie.clone()));
        }
        if change.rotate { self.rotate(id).await.map(Some) } else { Ok(None) }
    }

    async fn patch(
        &self,
        id: SessionId,
        patch: &Patch,
        if_generation: Option<Generation>,
    ) -> Result<(), Rejection> {
        match self.sessions.patch(id, patch, if_generation).await.map_err(unavailable)? {
            PatchOutcome::Applied(_) => Ok(()),
            PatchOutcome::GenerationMoved(_) => Err(Rejection::new(Reason::Conflict, "generation")),
            PatchOutcome::TooLarge => Err(refused("session data would become too large")),
            PatchOutcome::NoSession => Err(Rejection::ended_meanwhile()),
        }
    }

    async fn rotate(&self, id: SessionId) -> Result<HeaderValue, Rejection> {
        let token = PlainToken::generate(TokenKind::Session, &**self.random);
        let rotation = Rotation { id, token: token.hash(), authentication: None, begins_at: None };
        let rotated = self.sessions.rotate(&rotation, self.now).await.map_err(unavailable)?;
        rotated.ok_or_else(Rejection::ended_meanwhile)?;
        let cookie = format!("{}={}{}", self.cookie.name, token.reveal(), self.cookie.attributes());
        let mut cookie = HeaderValue::try_from(cookie).map_err(|_| refused("cookie"))?;
        cookie.set_sensitive(true);
        Ok(cookie)
    }
}

fn refused(detail: impl Into<std::borrow::Cow<'static, str>>) -> Rejection {
    Rejection::new(Reason::SettleRefused, detail)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn unavailable(error: StoreError) -> Rejection {
    Rejection::new(Reason::Unavailable, symbolon_core::error::chain(&error))
}
