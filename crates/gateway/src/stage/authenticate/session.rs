//! `session`: the opaque token in the session cookie.

use std::sync::Arc;

use symbolon_core::cookie::Found;
use symbolon_core::{Timestamp, TokenHash, TokenKind};
use symbolon_store::Sessions;

use super::{Answer, Identity};
use crate::config::Authenticator;
use crate::stage::Presented;

pub(super) async fn ask(
    presented: Presented<'_>,
    sessions: &Arc<Sessions>,
    now: Timestamp,
) -> Answer {
    match presented.session_cookie() {
        Found::None => Answer::NotOffered,
        Found::Several => Answer::Failed("several session cookies"),
        Found::One(token) => open(token, Authenticator::Session, sessions, now).await,
    }
}

/// The live session that a token opens.
pub(super) async fn open(
    token: &[u8],
    by: Authenticator,
    sessions: &Arc<Sessions>,
    now: Timestamp,
) -> Answer {
    let Ok(hash) = TokenHash::of_presented(TokenKind::Session, token) else {
        return Answer::Failed("malformed token");
    };
    let found = match sessions.cached(&hash, now) {
        Some(live) => Ok(Some(live)),
        None => sessions.find(&hash, now).await,
    };
    match found {
        Ok(Some(live)) => {
            sessions.seen(&live, now);
            Answer::Authenticated(Identity::Session { live, by })
        }
        Ok(None) => Answer::Failed("no live session"),
        Err(error) => Answer::Unavailable(error),
    }
}
